"""`python -m provisioning_svc` serves; with `migrate` it migrates the database."""

from dualbus_events.service import main

from provisioning_svc.service import SERVICE

if __name__ == "__main__":
    main(SERVICE)
