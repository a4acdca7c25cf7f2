"""Qualifications (TMF679): whether a customer may order something, and what else if not."""
