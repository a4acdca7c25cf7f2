"""Where the time of an order went, by the track that the ODS keeps of its tasks."""

from collections.abc import Mapping, Sequence
from typing import Final

import asyncpg

HopTimes = Mapping[str, Sequence[float]]
"""Seconds by the task's type: from when it was sent until it was answered."""

_TRACK: Final = """
SELECT type, array_agg(extract(epoch FROM answered_at - sent_at)::float8) AS seconds
FROM track WHERE process_id = ANY($1) AND answered_at IS NOT NULL AND sent_at IS NOT NULL
GROUP BY type ORDER BY min(sent_at)
"""


async def hop_times(ods_dsn: str, order_ids: Sequence[str]) -> HopTimes:
    """The tasks of these orders, in the order in which they begin."""
    connection = await asyncpg.connect(ods_dsn)
    try:
        rows = await connection.fetch(_TRACK, order_ids)
    finally:
        await connection.close()
    return {row["type"]: row["seconds"] for row in rows}
