"""The floor: the fan-out of an order on bare asyncpg and aiokafka, nothing else.

One process per service, one SQL round and one transaction per message, an outbox table and a
relay that polls it. No HTTP, no validation, no network element, no inbox, no retries: what is
left is about the least that any system with these buses has to do.
"""
