"""`python -m provisioning_svc`: serve, or migrate the database."""

from dualbus_events.service import main

from provisioning_svc.service import SERVICE

if __name__ == "__main__":
    main(SERVICE)
