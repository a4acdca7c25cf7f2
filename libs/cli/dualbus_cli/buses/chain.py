"""The causal chain of a business key: every message of both buses that it led to."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
from dualbus_events.broker import ReceivedRecord
from dualbus_events.catalogue import TOPICS
from dualbus_events.log_spans import SpanReader
from dualbus_events.relay import partition_of

from dualbus_cli.buses.connection import connected

_MARGIN_MS = 60_000
_NO_TIME_HOURS = 24


@dataclass(frozen=True)
class Link:
    """One message of a chain. `depth` counts from the message that nobody's message caused."""

    event_id: str
    causation_id: str | None
    correlation_id: str
    depth: int
    time: str
    produced_ms: int
    topic: str
    position: str
    key: str
    type: str
    source: str
    says: str
    traceparent: str | None

    def to_dict(self) -> dict[str, Any]:
        """For machines."""
        return vars(self)


async def causal_chain(
    bootstrap: str, business_key: str, *, since_hours: float | None = None
) -> list[Link]:
    """Messages with this key or correlation id, and all that share a correlation id with them.

    A key that is a UUIDv7 says itself since when to look; for any other, the last 24 hours or
    `since_hours` are read, and messages whose value holds it as a whole string count too. In the
    order of their causes, siblings by time. Raises ServerUnreachable.
    """
    since = _since_ms(business_key, since_hours)
    async with connected(bootstrap) as reader:
        correlations = await _correlations_by_key(reader, business_key, since)
        if not correlations:
            correlations = await _correlations_by_content(reader, business_key, since)
        if not correlations:
            return []
        partitions = await reader.partitions([topic.name for topic in TOPICS])
        found: list[ReceivedRecord] = []
        async for records in reader.read(await reader.spans(partitions, since_ms=since)):
            found += [r for r in records if _header(r, "ce_correlationid") in correlations]
    return _in_causal_order(found)


def _since_ms(business_key: str, since_hours: float | None) -> int:
    if since_hours is None:
        try:
            made = UUID(business_key)
        except ValueError:
            since_hours = _NO_TIME_HOURS
        else:
            if made.version == 7:
                return (made.int >> 80) - _MARGIN_MS
            since_hours = _NO_TIME_HOURS
    return int((time.time() - since_hours * 3600) * 1000)


async def _correlations_by_key(reader: SpanReader, key: str, since: int) -> set[str]:
    """Only the partitions that this key's messages go to are read."""
    raw = key.encode()
    partitions = await reader.partitions([topic.name for topic in TOPICS])
    counts: dict[str, int] = {}
    for topic, _ in partitions:
        counts[topic] = counts.get(topic, 0) + 1
    own = [tp for tp in partitions if tp.partition == partition_of(raw, counts[tp.topic])]
    found: set[str] = set()
    async for records in reader.read(await reader.spans(own, since_ms=since)):
        found |= {_header(record, "ce_correlationid") for record in records if record.key == raw}
    return found - {""}


async def _correlations_by_content(reader: SpanReader, text: str, since: int) -> set[str]:
    quoted = orjson.dumps(text)
    partitions = await reader.partitions([topic.name for topic in TOPICS])
    found: set[str] = set()
    async for records in reader.read(await reader.spans(partitions, since_ms=since)):
        for record in records:
            correlation = _header(record, "ce_correlationid")
            if correlation == text or quoted in record.value:
                found.add(correlation)
    return found - {""}


def _in_causal_order(records: Iterable[ReceivedRecord]) -> list[Link]:
    # The log may hold a message twice: the first is the one that was handled.
    by_id: dict[str, ReceivedRecord] = {}
    for record in sorted(records, key=lambda r: (r.timestamp_ms, r.topic, r.partition, r.offset)):
        by_id.setdefault(_header(record, "ce_id"), record)
    children: dict[str | None, list[str]] = {}
    for event_id, record in by_id.items():
        cause = _header(record, "ce_causationid")
        children.setdefault(cause if cause in by_id else None, []).append(event_id)
    ordered: list[Link] = []
    waiting = [(event_id, 0) for event_id in reversed(children.get(None, []))]
    while waiting:
        event_id, depth = waiting.pop()
        ordered.append(_link(by_id[event_id], depth))
        waiting += [(child, depth + 1) for child in reversed(children.get(event_id, []))]
    return ordered


def _link(record: ReceivedRecord, depth: int) -> Link:
    return Link(
        event_id=_header(record, "ce_id"),
        causation_id=_header(record, "ce_causationid") or None,
        correlation_id=_header(record, "ce_correlationid"),
        depth=depth,
        time=_header(record, "ce_time"),
        produced_ms=record.timestamp_ms,
        topic=record.topic,
        position=f"{record.topic}/{record.partition}/{record.offset}",
        key=record.key.decode(errors="replace"),
        type=_header(record, "ce_type"),
        source=_header(record, "ce_source").removeprefix("/"),
        says=_says(record),
        traceparent=_header(record, "traceparent") or None,
    )


def _says(record: ReceivedRecord) -> str:
    """The state of a fact, the outcome of a reply: what one looks for first."""
    try:
        body = orjson.loads(record.value)
        if "outcome" in body:
            code = (body.get("error") or {}).get("code")
            return f"{body['outcome']} {code}" if code else str(body["outcome"])
        [resource] = (body.get("event") or {"": {}}).values()
        return str(resource.get("state") or resource.get("status") or "")
    except (ValueError, TypeError, AttributeError):
        return "unreadable"


def _header(record: ReceivedRecord, name: str) -> str:
    value = next((value for given, value in record.headers if given == name), None)
    return (value or b"").decode(errors="replace")


def elapsed_ms(chain: Sequence[Link]) -> list[int]:
    """Milliseconds from the first message of the chain to each, as the broker dated them."""
    first = min((link.produced_ms for link in chain), default=0)
    return [link.produced_ms - first for link in chain]
