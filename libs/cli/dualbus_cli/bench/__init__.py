"""`make bench`: the system's speed beside that of a bare prototype, on the same servers."""
