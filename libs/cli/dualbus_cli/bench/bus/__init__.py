"""The bus on its own: relay, consumer and both together, beside bare asyncpg and aiokafka.

Bare and ours do the same work on the same rows and records, in one process, one after the other.
"""
