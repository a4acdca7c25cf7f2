"""TMF677: what is left on buckets, and what was used, at the moment of the question."""
