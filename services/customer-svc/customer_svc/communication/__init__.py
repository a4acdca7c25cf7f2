"""TMF681 messages to customers: taken at once, delivered through a channel in a later step."""
