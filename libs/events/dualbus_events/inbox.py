"""The inbox: which messages this database has already applied. The truth; offsets only help."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from dualbus_kit.database import Connection

_CLAIM = """
INSERT INTO inbox (event_day, consumer, event_id)
SELECT day, $3, id FROM unnest($1::date[], $2::uuid[]) claim(day, id)
ON CONFLICT DO NOTHING RETURNING event_id
"""
KEEP_DAYS = 14
_AHEAD_DAYS = 3
_LATEST = datetime(9999, 12, 31, tzinfo=UTC).timestamp()


def day_of(event_id: UUID) -> date:
    """The day inside a UUIDv7. A duplicate that arrives after midnight keeps its partition.

    Others may send UUIDs of another version: whatever day theirs seem to have, it is always the
    same one.
    """
    milliseconds = event_id.int >> 80
    return datetime.fromtimestamp(min(milliseconds / 1000, _LATEST), UTC).date()


async def claim(connection: Connection, consumer: int, event_ids: Sequence[UUID]) -> set[UUID]:
    """Mark messages as applied by this transaction; return those that were not before.

    Must be the first statement of the batch: another owner's uncommitted claim makes it wait,
    so a new owner of a partition can't run ahead of a stopped one.
    """
    days = [day_of(event_id) for event_id in event_ids]
    rows = await connection.fetch(_CLAIM, days, list(event_ids), consumer)
    return {row["event_id"] for row in rows}


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
