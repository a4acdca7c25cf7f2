"""The network element: what services are activated on."""
