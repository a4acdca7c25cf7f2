"""Resources: numbers, SIMs, ports, and the pools they come from (TMF639)."""
