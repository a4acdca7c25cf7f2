"""`python -m billing_svc` serves; `python -m billing_svc migrate` migrates."""

from dualbus_events.service import main

from billing_svc.service import SERVICE

main(SERVICE)
