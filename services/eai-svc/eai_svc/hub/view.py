"""What a subscriber, and who operates, sees of a subscription."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import asyncpg
import structlog
from aiokafka.errors import KafkaError
from dualbus_events.broker import TopicPartition
from dualbus_events.log_reader import LogReader, Positions
from dualbus_kit.clock import timestamp

log = structlog.get_logger(__name__)

_KAFKA_SECONDS = 10.0

_SUBSCRIPTIONS = """
SELECT s.*, d.waiting, d.parked, d.oldest_error
FROM subscription s CROSS JOIN LATERAL (
  SELECT count(*) FILTER (WHERE NOT parked) AS waiting, count(*) FILTER (WHERE parked) AS parked,
         max(error) FILTER (WHERE parked AND error IS NOT NULL) AS oldest_error
  FROM delivery WHERE subscription_id = s.id) d
WHERE $1::text IS NULL OR s.id = $1
ORDER BY s.registered_at, s.id
"""
_CURSORS = """
SELECT c.id, c.subscription_id, c.live, c.since, c.until, c.customer_id, c.opened, c.finished_at,
       c.matched, p.topic, p.kpartition, p.next_offset, p.end_offset
FROM subscription_cursor c LEFT JOIN subscription_position p ON p.cursor_id = c.id
WHERE $1::text IS NULL OR c.subscription_id = $1
ORDER BY c.created_at DESC, c.id
"""


async def subscriptions_seen(
    pool: asyncpg.Pool, bootstrap_servers: str, subscription_id: str | None = None
) -> list[dict[str, Any]]:
    """All subscriptions, or one, with their lag. The lag is None while Kafka does not answer."""
    subscriptions = await pool.fetch(_SUBSCRIPTIONS, subscription_id)
    positions = await pool.fetch(_CURSORS, subscription_id)
    topics = {row["topic"] for row in positions if row["live"] and row["topic"]}
    ends = await _ends(bootstrap_servers, topics)
    return [
        _seen(dict(row), [dict(p) for p in positions if p["subscription_id"] == row["id"]], ends)
        for row in subscriptions
    ]


async def _ends(bootstrap_servers: str, topics: set[str]) -> Positions | None:
    if not topics:
        return {}
    reader = LogReader(bootstrap_servers, topics=topics, client_id="eai-svc.hub.view")
    try:
        async with asyncio.timeout(_KAFKA_SECONDS):
            await reader.start()
            try:
                return await reader.end_offsets()
            finally:
                await reader.stop()
    except (KafkaError, OSError, TimeoutError) as error:
        log.warning("lag unknown", error=repr(error))
        return None


def _seen(
    row: Mapping[str, Any], positions: Sequence[Mapping[str, Any]], ends: Positions | None
) -> dict[str, Any]:
    live = [position for position in positions if position["live"]]
    silent = row["state"] == "active" and row["unreachable_since"] is not None
    return {
        "id": row["id"],
        "api": row["api"],
        "callback": row["callback"],
        "query": row["query"],
        "topic": row["topics"],
        "registeredAt": timestamp(row["registered_at"]),
        "state": "retrying" if silent else row["state"],
        "lag": {
            "records": _lag(live, ends) if live and live[0]["opened"] else None,
            "waiting": row["waiting"],
            "parked": row["parked"],
        },
        "acknowledged": {
            "count": row["acknowledged"],
            "eventId": str(row["last_event_id"]) if row["last_event_id"] else None,
            "eventType": row["last_event_type"],
            "at": _moment(row["last_acknowledged_at"]),
        },
        "failure": {
            "consecutive": row["failures"],
            "unreachableSince": _moment(row["unreachable_since"]),
            "lastError": row["last_error"],
            "at": _moment(row["last_error_at"]),
            "parkedFor": row["oldest_error"],
        },
        "replay": _replays(positions),
    }


def _lag(positions: Iterable[Mapping[str, Any]], ends: Positions | None) -> int | None:
    """Records behind which a subscription's reader is; not each of them need match its query."""
    if ends is None:
        return None
    behind = (
        max(0, ends.get(TopicPartition(p["topic"], p["kpartition"]), 0) - int(p["next_offset"]))
        for p in positions
        if p["topic"]
    )
    return sum(behind)


def _replays(positions: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    replays: dict[str, dict[str, Any]] = {}
    for row in positions:
        if row["live"]:
            continue
        left = max(0, (row["end_offset"] or 0) - (row["next_offset"] or 0))
        seen = replays.setdefault(
            str(row["id"]),
            {
                "id": str(row["id"]),
                "from": timestamp(row["since"]),
                "to": _moment(row["until"]),
                "customerId": row["customer_id"],
                "state": "read" if row["finished_at"] else "reading",
                "matched": row["matched"],
                "unread": 0,
            },
        )
        seen["unread"] += left
    return list(replays.values())


def _moment(value: Any) -> str | None:
    return timestamp(value) if value else None
