"""TMF676 payments: taken at once, authorised in a later step, settling bills oldest first."""
