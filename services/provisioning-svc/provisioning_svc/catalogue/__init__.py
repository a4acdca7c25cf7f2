"""The catalogue of the network: services (TMF633) and resources (TMF634)."""
