"""TMF654: the actions on buckets. Top-up, adjustment, transfer and reservation."""
