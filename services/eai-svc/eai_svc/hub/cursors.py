"""Cursors: how far a subscription has read the log, live or for a replay."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg
from dualbus_events.broker import TopicPartition
from dualbus_events.log_reader import LogReader, Positions
from dualbus_kit.database import Connection
from dualbus_kit.errors import Superseded
from dualbus_kit.ids import new_uuid

_UNFINISHED = """
SELECT id, subscription_id, live, since, until, customer_id FROM subscription_cursor
WHERE subscription_id = ANY($1) AND finished_at IS NULL
"""
_POSITIONS = """
SELECT topic, kpartition, next_offset, end_offset FROM subscription_position WHERE cursor_id = $1
"""
_PLACE = """
INSERT INTO subscription_position (cursor_id, topic, kpartition, next_offset, end_offset)
SELECT $1, * FROM unnest($2::text[], $3::int[], $4::bigint[], $5::bigint[]) ON CONFLICT DO NOTHING
"""
_ADVANCE = """
UPDATE subscription_position p SET next_offset = n.next_offset
FROM unnest($2::text[], $3::int[], $4::bigint[], $5::bigint[]) n(topic, part, expected, next_offset)
WHERE p.cursor_id = $1 AND p.topic = n.topic AND p.kpartition = n.part
  AND p.next_offset = n.expected
"""
_FINISH = """
WITH finished AS (UPDATE subscription_cursor SET finished_at = clock_timestamp() WHERE id = $1)
DELETE FROM subscription_position WHERE cursor_id = $1
"""
_REPLAY = """
INSERT INTO subscription_cursor (id, subscription_id, live, since, until, customer_id)
VALUES ($1, $2, false, $3, coalesce($4, clock_timestamp()), $5)
"""


class CursorMoved(Superseded):
    """Another process has read on from here: it delivers this subscription now."""

    code = "cursorMoved"
    reason = "Another process reads for this subscription"


@dataclass(frozen=True, slots=True)
class Cursor:
    """Reads from `since`; a replay ends at `until` and may be about one customer only."""

    id: UUID
    subscription_id: str
    live: bool
    since: datetime
    until: datetime | None
    customer_id: str | None


@dataclass(slots=True)
class Place:
    """Where a cursor stands in one partition, and where it ends there (None: never)."""

    next_offset: int
    end_offset: int | None


Places = dict[TopicPartition, Place]


async def unfinished_cursors(pool: asyncpg.Pool, subscription_ids: list[str]) -> list[Cursor]:
    """What is to be read for these subscriptions."""
    rows = await pool.fetch(_UNFINISHED, subscription_ids)
    return [Cursor(*row) for row in rows]


async def open_cursor(pool: asyncpg.Pool, cursor: Cursor, log: LogReader) -> Places:
    """The places to read on from; a new cursor's are found by time, once, and stored."""
    async with pool.acquire() as connection, connection.transaction():
        # Locked, so that two processes don't place it differently.
        opened = await connection.fetchval(
            "SELECT opened FROM subscription_cursor WHERE id = $1 FOR UPDATE", cursor.id
        )
        if opened is None:
            return {}
        if not opened:
            await _place(connection, cursor.id, *await _by_time(cursor, log))
            await connection.execute(
                "UPDATE subscription_cursor SET opened = true WHERE id = $1", cursor.id
            )
        elif cursor.live:
            # Partitions that came after the cursor: what they hold is new to the subscriber.
            await _place(connection, cursor.id, dict.fromkeys(log.partitions, 0), {})
        rows = await connection.fetch(_POSITIONS, cursor.id)
    return {TopicPartition(topic, part): Place(at, end) for topic, part, at, end in rows}


async def _by_time(cursor: Cursor, log: LogReader) -> tuple[Positions, Positions]:
    starts = await log.offsets_at(_milliseconds(cursor.since))
    ends = await log.offsets_at(_milliseconds(cursor.until)) if cursor.until else {}
    return starts, ends


async def _place(
    connection: Connection, cursor_id: UUID, starts: Positions, ends: Mapping[TopicPartition, int]
) -> None:
    partitions = list(starts)
    await connection.execute(
        _PLACE,
        cursor_id,
        [partition.topic for partition in partitions],
        [partition.partition for partition in partitions],
        [starts[partition] for partition in partitions],
        [ends.get(partition) for partition in partitions],
    )


async def advance(
    connection: Connection, cursor: Cursor, moves: Mapping[TopicPartition, tuple[int, int]]
) -> None:
    """Move on, per partition from the one offset to the other. Raises CursorMoved."""
    status = await connection.execute(
        _ADVANCE,
        cursor.id,
        [partition.topic for partition in moves],
        [partition.partition for partition in moves],
        [expected for expected, _ in moves.values()],
        [next_offset for _, next_offset in moves.values()],
    )
    if int(status.rpartition(" ")[2]) != len(moves):
        raise CursorMoved(f"cursor {cursor.id} of subscription {cursor.subscription_id}")


async def finish(pool: asyncpg.Pool, cursor: Cursor) -> None:
    """A replay has read everything it was asked for: its places are needed no more."""
    await pool.execute(_FINISH, cursor.id)


async def start_replay(
    connection: Connection,
    subscription_id: str,
    *,
    since: datetime,
    until: datetime | None,
    customer_id: str | None,
) -> UUID:
    """Have a range read again, for this subscription alone; its id. `until` None means now."""
    replay_id = new_uuid()
    await connection.execute(_REPLAY, replay_id, subscription_id, since, until, customer_id)
    return replay_id


def _milliseconds(moment: datetime) -> int:
    """Kafka knows no time before 1970."""
    return max(int(moment.timestamp() * 1000), 0)
