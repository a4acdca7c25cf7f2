"""TMF717 Customer 360: everything the operator knows of a customer, in one read."""
