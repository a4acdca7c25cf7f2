"""`python -m eai_svc` serves; `python -m eai_svc migrate` migrates the database."""

from dualbus_events.service import main

from eai_svc.service import SERVICE

if __name__ == "__main__":
    main(SERVICE)
