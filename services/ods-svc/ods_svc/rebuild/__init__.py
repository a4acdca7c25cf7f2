"""A second set of the projection's tables, filled from the topics while the first one serves."""
