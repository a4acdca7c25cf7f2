"""Cancelling an order for resources (TMF652): a task of its own."""
