"""Charges: what a product costs, per month or once, from its activation to its end."""
