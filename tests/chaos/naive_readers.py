"""The two cursor readers that lose or reorder (bus.md 2.2, A and B): negative controls.

They send every row they read, in their order, and never delete: only the reading is naive.
"""

import asyncio
from typing import Final

import asyncpg
import orjson
from dualbus_events.broker import OutgoingRecord, Producer, TopicPartition
from dualbus_events.relay import partition_of

from tests.chaos.workload import PARTITIONS

_BATCH: Final = 500
_READ: Final = {
    # Whatever has a higher number than the last one seen.
    "reader A": """
        SELECT 0::bigint AS xid, seq, topic, key, headers, payload FROM outbox
        WHERE seq > $2 AND $1::bigint >= 0 ORDER BY seq LIMIT $3
    """,
    # Whatever has ended below the oldest running transaction, in the order of transactions.
    "reader B": """
        SELECT xid::text::bigint AS xid, seq, topic, key, headers, payload FROM outbox
        WHERE (xid::text::bigint, seq) > ($1::bigint, $2::bigint)
          AND xid < pg_snapshot_xmin(pg_current_snapshot())
        ORDER BY xid::text::bigint, seq LIMIT $3
    """,
}


class NaiveReader:
    """A relay with a cursor."""

    def __init__(self, pool: asyncpg.Pool, producer: Producer, *, cursor: str) -> None:
        self._pool = pool
        self._producer = producer
        self._sql = _READ[cursor]
        self._cursor = (0, 0)

    async def run(self, stopping: asyncio.Event) -> None:
        await self._producer.start()
        # Rows come from other processes: no event here can tell of them.
        while await self._publish() or not stopping.is_set():  # noqa: ASYNC110
            await asyncio.sleep(0.005)
        await self._producer.stop()

    async def _publish(self) -> int:
        rows = await self._pool.fetch(self._sql, *self._cursor, _BATCH)
        for row in rows:
            headers = [(k, v.encode()) for k, v in orjson.loads(row["headers"]).items()]
            target = TopicPartition(row["topic"], partition_of(row["key"], PARTITIONS))
            sent = await self._producer.send(
                target, [OutgoingRecord(row["key"], row["payload"], headers)]
            )
            if sent != 1:
                raise ConnectionError("the broker acknowledged nothing")
            self._cursor = (row["xid"], row["seq"])
        return len(rows)
