"""`python -m ods_svc`: serve, or migrate the database."""

from dualbus_events.service import main

from ods_svc.service import SERVICE

main(SERVICE)
