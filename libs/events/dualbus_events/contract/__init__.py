"""What each owner publishes: documents, topics and event types, one module per domain.

This is the contract between services, and with other systems. It holds no behaviour.
"""
