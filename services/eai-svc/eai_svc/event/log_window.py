"""Looking into a topic's log for a request: a bounded window, read and let go."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from uuid import UUID

from aiokafka.errors import KafkaError
from dualbus_events.broker import ReceivedRecord, TopicPartition
from dualbus_events.log_reader import LogReader, Positions
from dualbus_kit.errors import Unavailable

NEWEST = 1000
"""Records that a list looks at."""

_SCANNED = 20_000
_SECONDS = 8.0
_POLL_MS = 300
# The broker's clock may be behind the one that made an event's id.
_CLOCK_SKEW_MS = 5_000
# Each request is a client of its own; more at once would only be slower.
_TURNS = asyncio.Semaphore(4)


class LogUnavailable(Unavailable):
    code = "logUnavailable"
    reason = "The log can't be read now"


async def newest_records(bootstrap_servers: str, topic: str) -> list[ReceivedRecord]:
    """The last records of a topic, at most NEWEST, the newest first. Raises LogUnavailable."""
    async with _reader(bootstrap_servers, topic) as reader:
        ends = await reader.end_offsets()
        share = NEWEST // max(len(ends), 1)
        starts = {partition: max(end - share, 0) for partition, end in ends.items()}
        records = [record async for record in _between(reader, starts, ends)]
    return sorted(records, key=lambda record: (record.timestamp_ms, record.offset), reverse=True)


async def find_record(bootstrap_servers: str, topic: str, event_id: UUID) -> ReceivedRecord | None:
    """The record of an event, looked for from the moment in its id (UUIDv7) on.

    Raises LogUnavailable.
    """
    wanted = str(event_id).encode()
    async with _reader(bootstrap_servers, topic) as reader:
        ends = await reader.end_offsets()
        starts = await reader.offsets_at(max((event_id.int >> 80) - _CLOCK_SKEW_MS, 0))
        seen = 0
        async for record in _between(reader, starts, ends):
            if dict(record.headers).get("ce_id") == wanted:
                return record
            seen += 1
            if seen >= _SCANNED:
                break
    return None


@asynccontextmanager
async def _reader(bootstrap_servers: str, topic: str) -> AsyncIterator[LogReader]:
    async with _TURNS:
        reader = LogReader(bootstrap_servers, topics=[topic], client_id="eai-svc.event")
        try:
            async with asyncio.timeout(_SECONDS):
                await reader.start()
                try:
                    yield reader
                finally:
                    await reader.stop()
        except (KafkaError, TimeoutError, OSError) as error:
            raise LogUnavailable(f"{topic}: {error!r}") from error


async def _between(
    reader: LogReader, starts: Positions, ends: Positions
) -> AsyncIterator[ReceivedRecord]:
    """The records of each partition from its start to before its end."""
    reader.seek(starts)
    left = {partition for partition, end in ends.items() if starts[partition] < end}
    while left:
        polled = await reader.poll(timeout_ms=_POLL_MS, max_records=NEWEST)
        left -= _ended(polled, ends)
        for partition, records in polled.items():
            for record in records:
                if record.offset < ends[partition]:
                    yield record


def _ended(
    polled: Mapping[TopicPartition, Sequence[ReceivedRecord]], ends: Positions
) -> set[TopicPartition]:
    return {tp for tp, records in polled.items() if records[-1].offset + 1 >= ends[tp]}
