"""What both outside programs share: settable behaviour, counters, admin endpoints, server."""
