"""The inbox: which messages this database has already applied. The truth; offsets only help."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from uuid import UUID

from dualbus_kit.database import Connection

from dualbus_events.parking import Key

_CLAIM = "SELECT fresh, parked FROM inbox_claim($1, $2, $3, $4, $5)"
_FORGET = """
DELETE FROM inbox i USING unnest($1::date[], $2::uuid[]) f(day, id)
WHERE i.event_day = f.day AND i.consumer = $3 AND i.event_id = f.id
"""
KEEP_DAYS = 14
_AHEAD_DAYS = 3
_DAY_MILLISECONDS = 86_400_000
_EPOCH = date(1970, 1, 1).toordinal()
_LATEST_DAY = date.max.toordinal() - _EPOCH - 1


def day_of(event_id: UUID) -> date:
    """The day inside a UUIDv7. A duplicate that arrives after midnight keeps its partition.

    Others may send UUIDs of another version: whatever day theirs seem to have, it is always the
    same one.
    """
    return _date(min((event_id.int >> 80) // _DAY_MILLISECONDS, _LATEST_DAY))


@lru_cache(maxsize=1024)
def _date(days: int) -> date:
    return date.fromordinal(_EPOCH + days)


@dataclass(frozen=True, slots=True)
class Claim:
    """What a batch may handle: the messages that are new, and the keys that are parked."""

    fresh: set[UUID]
    parked: set[Key]


async def claim(
    connection: Connection, consumer: int, event_ids: Sequence[UUID], keys: Sequence[Key]
) -> Claim:
    """Mark messages as applied by this transaction; say which were not before.

    Must be the first statement of the batch: another owner's uncommitted claim makes it wait,
    so a new owner of a partition can't run ahead of a stopped one. Of `keys`, those that are
    parked can't be released before this transaction ends.
    """
    [row] = await connection.fetch(
        _CLAIM,
        consumer,
        [day_of(event_id) for event_id in event_ids],
        event_ids,
        [topic for topic, _ in keys],
        [key for _, key in keys],
    )
    parked = {keys[position - 1] for position in row["parked"] or ()}
    return Claim(set(row["fresh"] or ()), parked)


async def forget(connection: Connection, consumer: int, event_ids: Sequence[UUID]) -> None:
    """Take claims back, so that the same transaction may handle these messages once more."""
    days = [day_of(event_id) for event_id in event_ids]
    await connection.execute(_FORGET, days, list(event_ids), consumer)


async def keep_partitions(connection: Connection, today: date) -> None:
    """Have a partition for each of the next days, and drop those past the retention."""
    names = await connection.fetch(
        "SELECT inhrelid::regclass::text AS name FROM pg_inherits "
        "WHERE inhparent = 'inbox'::regclass"
    )
    present = {row["name"] for row in names}
    for ahead in range(_AHEAD_DAYS):
        day = today + timedelta(days=ahead)
        name = _partition_name(day)
        if name not in present:
            await connection.execute(
                f"CREATE TABLE IF NOT EXISTS {name} PARTITION OF inbox "
                f"FOR VALUES FROM ('{day}') TO ('{day + timedelta(days=1)}')"
            )
    oldest = _partition_name(today - timedelta(days=KEEP_DAYS))
    for name in sorted(present - {"inbox_other"}):
        if name < oldest:
            await connection.execute(f"DROP TABLE {name}")


def _partition_name(day: date) -> str:
    return f"inbox_{day:%Y%m%d}"
