"""A network element that activates services on request: an outside system, JSON over HTTP."""
