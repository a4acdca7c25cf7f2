"""`python -m order_svc`: serve, or migrate the database."""

from dualbus_events.service import main

from order_svc.service import SERVICE

main(SERVICE)
