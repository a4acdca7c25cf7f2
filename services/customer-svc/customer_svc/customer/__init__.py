"""TMF629 customer: its states, and whether it may order."""
