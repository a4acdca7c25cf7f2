"""Cancelling a service order (TMF641): a task of its own."""
