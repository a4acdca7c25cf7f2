"""The value-added-service platform: ring-back tones and the like, XML over HTTP."""
