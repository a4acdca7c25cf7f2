"""Rows of an outbox, put there without a unit of work."""

import asyncpg
from dualbus_kit.database import Connection

_INSERT = """
INSERT INTO outbox (shard, event_id, topic, key, event_type, agg_version, headers, payload)
VALUES (3, gen_random_uuid(), $1, 'k', 'e', 1, '{}', '{}') RETURNING seq
"""


async def insert_row(where: asyncpg.Pool | Connection, topic: str = "t") -> int:
    """One row in shard 3; its sequence number."""
    seq: int = await where.fetchval(_INSERT, topic)
    return seq
