"""Cancelling a product order (TMF622): a task of its own."""
