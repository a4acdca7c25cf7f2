"""TMF642 alarm: what it hits, and the one ticket it leads to."""
