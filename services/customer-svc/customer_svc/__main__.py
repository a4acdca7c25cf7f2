"""`python -m customer_svc` serves; `python -m customer_svc migrate` migrates the database."""

from dualbus_events.service import main

from customer_svc.service import SERVICE

if __name__ == "__main__":
    main(SERVICE)
