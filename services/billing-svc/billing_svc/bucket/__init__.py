"""TMF654: buckets of prepaid money or units, and their sums per account."""
