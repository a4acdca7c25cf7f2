"""Parking: a key whose message can't be handled is set aside, in order, until released."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import orjson
from dualbus_kit.database import Connection

from dualbus_events.broker import ReceivedRecord
from dualbus_events.metrics import PARKED_MESSAGES

_MAX_ERROR_TEXT = 4000

_PARK_KEYS = """
INSERT INTO parked_key (consumer, topic, key, reason)
SELECT $1, * FROM unnest($2::text[], $3::bytea[], $4::text[]) ON CONFLICT DO NOTHING
"""
_PARK_EVENTS = """
INSERT INTO parked_event (consumer, topic, kpartition, koffset, key, event_type, headers, payload,
                          error_class, error_text, event_id)
SELECT $1, * FROM unnest($2::text[], $3::int[], $4::bigint[], $5::bytea[], $6::text[],
                         $7::bytea[], $8::bytea[], $9::text[], $10::text[], $11::uuid[])
ON CONFLICT DO NOTHING
"""

Key = tuple[str, bytes]
"""A topic and a record key: the unit that is parked and released."""


@dataclass(frozen=True, slots=True)
class Parked:
    """A record to set aside, and why."""

    record: ReceivedRecord
    error_class: str
    error_text: str

    @classmethod
    def because(cls, record: ReceivedRecord, error: BaseException) -> "Parked":
        return cls(record, type(error).__name__, _storable(str(error)[:_MAX_ERROR_TEXT]))

    @classmethod
    def behind(cls, record: ReceivedRecord) -> "Parked":
        """An innocent message of a parked key: it waits its turn."""
        return cls(record, "KeyParked", "an earlier message of this key is parked")


async def park(connection: Connection, consumer: int, parked: Sequence[Parked]) -> None:
    """Set records aside in this transaction; their keys stay parked until released."""
    reasons: dict[Key, str] = {}
    for one in parked:
        reasons.setdefault((one.record.topic, one.record.key), one.error_text)
        PARKED_MESSAGES.labels(one.record.topic).inc()
    await connection.execute(
        _PARK_KEYS,
        consumer,
        [topic for topic, _ in reasons],
        [key for _, key in reasons],
        list(reasons.values()),
    )
    records = [one.record for one in parked]
    await connection.execute(
        _PARK_EVENTS,
        consumer,
        [record.topic for record in records],
        [record.partition for record in records],
        [record.offset for record in records],
        [record.key for record in records],
        [_event_type(record) for record in records],
        [_stored_headers(record) for record in records],
        [record.value for record in records],
        [one.error_class for one in parked],
        [one.error_text for one in parked],
        [_event_id(record) for record in records],
    )


@dataclass(frozen=True, slots=True)
class ParkedKey:
    """One parked key, for the person on call."""

    consumer: int
    topic: str
    raw_key: bytes
    reason: str
    parked_at: str
    messages: int

    @property
    def key(self) -> str:
        """The key as text; bytes that are none are replaced."""
        return self.raw_key.decode(errors="replace")


async def parked_keys(connection: Connection) -> list[ParkedKey]:
    """Every parked key, the oldest first."""
    rows = await connection.fetch(
        """
        SELECT p.consumer, p.topic, p.key, p.reason, p.parked_at,
               (SELECT count(*) FROM parked_event e
                WHERE e.consumer = p.consumer AND e.topic = p.topic AND e.key = p.key) AS messages
        FROM parked_key p ORDER BY p.parked_at
        """
    )
    return [
        ParkedKey(
            consumer=row["consumer"],
            topic=row["topic"],
            raw_key=row["key"],
            reason=row["reason"],
            parked_at=row["parked_at"].isoformat(),
            messages=row["messages"],
        )
        for row in rows
    ]


async def lock_parked_key(connection: Connection, consumer: int, key: Key) -> bool:
    """Lock a parked key against consumers that are parking more; False when it isn't parked."""
    row = await connection.fetchrow(
        "SELECT 1 FROM parked_key WHERE consumer = $1 AND topic = $2 AND key = $3 FOR UPDATE",
        consumer,
        *key,
    )
    return row is not None


async def parked_records(
    connection: Connection, consumer: int, key: Key, *, limit: int
) -> list[ReceivedRecord]:
    """The parked records of a key, in offset order."""
    rows = await connection.fetch(
        """
        SELECT topic, kpartition, koffset, key, headers, payload, parked_at FROM parked_event
        WHERE consumer = $1 AND topic = $2 AND key = $3 ORDER BY kpartition, koffset LIMIT $4
        """,
        consumer,
        *key,
        limit,
    )
    return [
        ReceivedRecord(
            topic=row["topic"],
            partition=row["kpartition"],
            offset=row["koffset"],
            key=row["key"],
            value=row["payload"],
            headers=[(name, value.encode()) for name, value in orjson.loads(row["headers"])],
            timestamp_ms=int(row["parked_at"].timestamp() * 1000),
        )
        for row in rows
    ]


async def forget_parked(
    connection: Connection, consumer: int, key: Key, places: Sequence[tuple[int, int]]
) -> None:
    """Delete records, by partition and offset, and the key's mark once none is left."""
    await connection.execute(
        """
        DELETE FROM parked_event e USING unnest($2::int[], $3::bigint[]) r(kpartition, koffset)
        WHERE e.consumer = $1 AND e.topic = $4 AND e.kpartition = r.kpartition
          AND e.koffset = r.koffset
        """,
        consumer,
        [partition for partition, _ in places],
        [offset for _, offset in places],
        key[0],
    )
    await connection.execute(
        """
        DELETE FROM parked_key p WHERE consumer = $1 AND topic = $2 AND key = $3
          AND NOT EXISTS (SELECT FROM parked_event e WHERE e.consumer = p.consumer
                          AND e.topic = p.topic AND e.key = p.key)
        """,
        consumer,
        *key,
    )


def _event_type(record: ReceivedRecord) -> str:
    return _storable((_header(record, "ce_type") or b"?").decode(errors="replace"))


def _event_id(record: ReceivedRecord) -> UUID | None:
    """Its id, if it has one that can be read: how an operator names the message."""
    try:
        return UUID((_header(record, "ce_id") or b"").decode())
    except ValueError:
        return None


def _header(record: ReceivedRecord, name: str) -> bytes | None:
    return next((value for given, value in record.headers if given == name and value), None)


def _stored_headers(record: ReceivedRecord) -> bytes:
    # A header may have no value at all, which the type of the client's records doesn't say.
    return orjson.dumps(
        [(name, (value or b"").decode(errors="replace")) for name, value in record.headers]
    )


def _storable(text: str) -> str:
    """PostgreSQL takes neither NUL nor half a surrogate pair as text."""
    return text.encode(errors="replace").decode().replace("\0", "\ufffd")
