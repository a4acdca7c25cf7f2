"""Quotes (TMF648): what a customer is asked for, and the order it becomes."""
