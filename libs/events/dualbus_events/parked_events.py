"""Parked messages one by one, as the person on call names, reads, edits and drops them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg
import orjson
from dualbus_kit.clock import timestamp
from dualbus_kit.database import Connection

from dualbus_events.parking import Key

_COLUMNS = """
consumer, topic, kpartition, koffset, key, event_id, event_type, headers, payload, error_class,
error_text, parked_at
"""
_FIND = f"""
SELECT {_COLUMNS} FROM parked_event
WHERE ($1::text IS NULL OR topic = $1) AND ($2::bytea IS NULL OR key = $2)
  AND ($3::uuid IS NULL OR event_id = $3)
  AND ($4::text IS NULL OR (topic = $4 AND kpartition = $5 AND koffset = $6))
ORDER BY consumer, topic, kpartition, koffset LIMIT $7
"""  # noqa: S608 - the columns are the code's own
_IS_PARKED = """
SELECT 1 FROM parked_event WHERE consumer = $1 AND topic = $2 AND kpartition = $3 AND koffset = $4
"""
_REPLACE = """
UPDATE parked_event SET headers = $5, payload = $6, event_id = $7, event_type = $8
WHERE consumer = $1 AND topic = $2 AND kpartition = $3 AND koffset = $4
"""


@dataclass(frozen=True, slots=True)
class ParkedEvent:
    """One message that is set aside, with the error it, or the one before it, met."""

    consumer: int
    topic: str
    partition: int
    offset: int
    raw_key: bytes
    event_id: UUID | None
    event_type: str
    headers: dict[str, str]
    payload: bytes
    error_class: str
    error_text: str
    parked_at: str

    @property
    def key(self) -> Key:
        return self.topic, self.raw_key

    @property
    def position(self) -> str:
        """Where it stands in the log; names also what has no event id."""
        return f"{self.topic}/{self.partition}/{self.offset}"

    @property
    def content(self) -> dict[str, Any]:
        """What an edit may change: the headers, and the value as JSON or, failing that, as text."""
        try:
            value = orjson.loads(self.payload)
        except orjson.JSONDecodeError:
            value = self.payload.decode(errors="replace")
        return {"headers": self.headers, "value": value}


@dataclass(frozen=True, slots=True)
class EventReference:
    """Names parked messages: an event id, or `topic/partition/offset`."""

    event_id: UUID | None = None
    position: tuple[str, int, int] | None = None

    @classmethod
    def parse(cls, text: str) -> "EventReference":
        """Raises ValueError for what is neither."""
        topic, _, rest = text.partition("/")
        if not rest:
            return cls(event_id=UUID(text))
        partition, _, offset = rest.partition("/")
        return cls(position=(topic, int(partition), int(offset)))


async def find_parked_events(
    connection: Connection,
    reference: EventReference | None = None,
    *,
    topic: str | None = None,
    key: bytes | None = None,
    limit: int = 1000,
) -> list[ParkedEvent]:
    """Parked messages in the order they stand in; what is None does not narrow them down."""
    reference = reference or EventReference()
    position = reference.position or (None, None, None)
    rows = await connection.fetch(_FIND, topic, key, reference.event_id, *position, limit)
    return [_parked_event(row) for row in rows]


async def replace_parked_event(
    connection: Connection, event: ParkedEvent, *, headers: dict[str, str], payload: bytes
) -> None:
    """Change what a parked message says; its place in the order of its key stays."""
    try:
        event_id = UUID(headers.get("ce_id", ""))
    except ValueError:
        event_id = None
    await connection.execute(
        _REPLACE,
        event.consumer,
        event.topic,
        event.partition,
        event.offset,
        orjson.dumps(list(headers.items())),
        payload,
        event_id,
        headers.get("ce_type", "?"),
    )


async def is_parked(connection: Connection, event: ParkedEvent) -> bool:
    """False once it was handled or dropped meanwhile."""
    place = (event.consumer, event.topic, event.partition, event.offset)
    return await connection.fetchrow(_IS_PARKED, *place) is not None


def _parked_event(row: asyncpg.Record) -> ParkedEvent:
    return ParkedEvent(
        consumer=row["consumer"],
        topic=row["topic"],
        partition=row["kpartition"],
        offset=row["koffset"],
        raw_key=row["key"],
        event_id=row["event_id"],
        event_type=row["event_type"],
        headers=dict(orjson.loads(row["headers"])),
        payload=row["payload"],
        error_class=row["error_class"],
        error_text=row["error_text"],
        parked_at=timestamp(row["parked_at"]),
    )


def events_by_key(events: Sequence[ParkedEvent]) -> dict[tuple[int, Key], list[ParkedEvent]]:
    """The messages of each consumer's key, in their order."""
    groups: dict[tuple[int, Key], list[ParkedEvent]] = {}
    for event in events:
        groups.setdefault((event.consumer, event.key), []).append(event)
    return groups
