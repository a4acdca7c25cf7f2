"""A platform of value-added services: an outside system with an XML format of its own."""
