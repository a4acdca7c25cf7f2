"""`python -m assurance_svc` serves; `python -m assurance_svc migrate` migrates the database."""

from dualbus_events.service import main

from assurance_svc.service import SERVICE

if __name__ == "__main__":
    main(SERVICE)
