"""Orders for resources (TMF652): numbers, SIMs and ports without a service."""
