"""What was read for a subscription and is not yet acknowledged, in order per key."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

import asyncpg
import orjson
from dualbus_events.messages import Envelope
from dualbus_events.parking import Key
from dualbus_kit.database import Connection

from eai_svc.hub.cursors import Cursor

WAITING_LIMIT = 1000
PARKED_LIMIT = 10_000
_CLAIM_LIMIT = 200
_MAX_ERROR = 500

# Parking a key locks the subscription too, so nothing slips in unparked behind a parked event.
_LOCK = "SELECT id FROM subscription WHERE id = $1 FOR UPDATE"
_APPEND = """
INSERT INTO delivery (subscription_id, cursor_id, live, topic, key, event_id, event_type, headers,
                      payload, parked)
SELECT $1, $2, $3, r.*, EXISTS (
  SELECT FROM delivery d
  WHERE d.subscription_id = $1 AND d.topic = r.topic AND d.key = r.key AND d.parked)
FROM unnest($4::text[], $5::bytea[], $6::uuid[], $7::text[], $8::bytea[], $9::bytea[])
  r(topic, key, event_id, event_type, headers, payload)
"""
_ROOM = """
SELECT CASE WHEN (SELECT count(*) FROM delivery WHERE subscription_id = $1 AND parked) >= $3
       THEN 0 ELSE $2 - (SELECT count(*) FROM delivery WHERE subscription_id = $1 AND NOT parked)
       END
"""
# An event waits for every earlier one of its key; one that pauses holds up those behind it.
_CLAIM = """
SELECT seq, live, cursor_id, topic, key, event_id, event_type, headers, payload, attempts
FROM delivery d
WHERE subscription_id = $1 AND NOT parked AND due_at <= now()
  AND NOT EXISTS (SELECT FROM unnest($2::text[], $3::bytea[]) f(topic, key)
                  WHERE f.topic = d.topic AND f.key = d.key)
  AND NOT EXISTS (SELECT FROM delivery e
                  WHERE e.subscription_id = $1 AND e.topic = d.topic AND e.key = d.key
                    AND e.seq < d.seq AND e.due_at > now())
ORDER BY seq LIMIT $4
"""
_ACKNOWLEDGE = "DELETE FROM delivery WHERE seq = ANY($1)"
_REFUSE = """
UPDATE delivery d SET attempts = r.attempts, error = r.error,
                      due_at = now() + make_interval(secs => r.pause)
FROM unnest($1::bigint[], $2::int[], $3::text[], $4::float8[]) r(seq, attempts, error, pause)
WHERE d.seq = r.seq
"""
_PARK = """
UPDATE delivery d SET parked = true FROM unnest($2::text[], $3::bytea[]) p(topic, key)
WHERE d.subscription_id = $1 AND d.topic = p.topic AND d.key = p.key
"""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event for one subscriber. `attempts` are those that were refused before."""

    seq: int
    live: bool
    cursor_id: UUID
    topic: str
    key: bytes
    event_id: UUID
    event_type: str
    headers: dict[str, str]
    payload: bytes
    attempts: int

    @property
    def keyed(self) -> Key:
        """What is delivered one after the other."""
        return self.topic, self.key


async def room(pool: asyncpg.Pool, subscription_id: str) -> int:
    """How many events more may wait; none while very many are parked."""
    left: int = await pool.fetchval(_ROOM, subscription_id, WAITING_LIMIT, PARKED_LIMIT)
    return left


async def lock(connection: Connection, subscription_id: str) -> bool:
    """Take the subscription's lock, the first of every transaction here; False: it is gone."""
    return await connection.fetchval(_LOCK, subscription_id) is not None


async def append(connection: Connection, cursor: Cursor, envelopes: Sequence[Envelope]) -> None:
    """Queue events in their order, under the lock; those of a parked key are parked behind it."""
    records = [envelope.record for envelope in envelopes]
    await connection.execute(
        _APPEND,
        cursor.subscription_id,
        cursor.id,
        cursor.live,
        [record.topic for record in records],
        [record.key for record in records],
        [envelope.event_id for envelope in envelopes],
        [envelope.event_type for envelope in envelopes],
        [_stored(envelope) for envelope in envelopes],
        [record.value for record in records],
    )
    await connection.execute(
        "UPDATE subscription_cursor SET matched = matched + $2 WHERE id = $1",
        cursor.id,
        len(records),
    )


async def claim(
    pool: asyncpg.Pool, subscription_id: str, in_flight: Collection[Key]
) -> list[Delivery]:
    """What may be posted now, in order, of keys of which nothing is under way."""
    topics, keys = [topic for topic, _ in in_flight], [key for _, key in in_flight]
    rows = await pool.fetch(_CLAIM, subscription_id, topics, keys, _CLAIM_LIMIT)
    return [Delivery(**{**row, "headers": orjson.loads(row["headers"])}) for row in rows]


@dataclass(frozen=True, slots=True)
class Refusal:
    """An event that was answered with an error: once more after `pause` seconds, or parked."""

    delivery: Delivery
    error: str
    pause: float
    final: bool


async def settle(
    connection: Connection,
    subscription_id: str,
    *,
    acknowledged: Sequence[Delivery],
    refused: Sequence[Refusal],
) -> None:
    """Under the lock: forget what was acknowledged, put off what was refused, or park it."""
    await connection.execute(_ACKNOWLEDGE, [delivery.seq for delivery in acknowledged])
    if refused:
        await connection.execute(
            _REFUSE,
            [one.delivery.seq for one in refused],
            [one.delivery.attempts + 1 for one in refused],
            [one.error[:_MAX_ERROR] for one in refused],
            [one.pause for one in refused],
        )
    final = [one.delivery for one in refused if one.final]
    if final:
        await connection.execute(
            _PARK, subscription_id, [one.topic for one in final], [one.key for one in final]
        )


def _stored(envelope: Envelope) -> bytes:
    """Those headers that go on over HTTP; what strangers add stays on Kafka."""
    headers = envelope.record.headers
    return orjson.dumps({n: v.decode(errors="replace") for n, v in headers if v and _forwarded(n)})


def _forwarded(name: str) -> bool:
    cloud_event = name.startswith("ce_") and name[3:].isascii() and name[3:].isalnum()
    return cloud_event or name in ("content-type", "traceparent", "tracestate")
