"""The tasks of cancelling an order (TMF641, TMF652)."""
