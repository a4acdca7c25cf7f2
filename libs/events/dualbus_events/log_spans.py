"""Parts of the log between two moments, read once: for replays and for questions."""

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiokafka import AIOKafkaConsumer
from aiokafka import TopicPartition as KafkaPartition
from aiokafka.admin import AIOKafkaAdminClient

from dualbus_events.broker import ReceivedRecord, TopicPartition
from dualbus_events.kafka import received_records

_POLL_MS = 500
_MAX_RECORDS = 1000
_STALL_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Span:
    """Part of a partition: offsets from `first` up to, and without, `end`."""

    partition: TopicPartition
    first: int
    end: int

    @property
    def empty(self) -> bool:
        return self.first >= self.end


class SpanReader:
    """A connected client; use it inside `reading`."""

    def __init__(self, consumer: AIOKafkaConsumer, admin: AIOKafkaAdminClient) -> None:
        self._consumer = consumer
        self.admin = admin

    async def partitions(self, topics: Collection[str]) -> list[TopicPartition]:
        """Partitions of those topics that the broker knows."""
        # The consumer itself knows only topics that it has read before.
        described = await self.admin.describe_topics()
        return sorted(
            TopicPartition(topic["topic"], partition["partition"])
            for topic in described
            if topic["topic"] in topics
            for partition in topic["partitions"]
        )

    async def bounds(self, partitions: Sequence[TopicPartition]) -> list[Span]:
        """From the oldest record that is kept to the newest."""
        asked = self._look_at(partitions)
        first, end = await asyncio.gather(
            self._consumer.beginning_offsets(asked), self._consumer.end_offsets(asked)
        )
        return [Span(TopicPartition(*one), first[one], end[one]) for one in asked]

    async def spans(
        self, partitions: Sequence[TopicPartition], *, since_ms: int, until_ms: int | None = None
    ) -> list[Span]:
        """What was produced from one moment to, and without, another (milliseconds since 1970)."""
        bounds = await self.bounds(partitions)
        firsts = await self._offsets_at(partitions, since_ms)
        ends = await self._offsets_at(partitions, until_ms) if until_ms is not None else {}
        # None: no record is that young, so the range starts, or ends, where the partition ends.
        return [
            Span(
                span.partition,
                firsts.get(span.partition, span.end),
                ends.get(span.partition, span.end),
            )
            for span in bounds
        ]

    def _look_at(self, partitions: Sequence[TopicPartition]) -> list[KafkaPartition]:
        """Have the client learn all their topics at once, not one by one as they are asked for."""
        asked = [KafkaPartition(*partition) for partition in partitions]
        self._consumer.assign(asked)
        self._consumer.pause(*asked)
        return asked

    async def _offsets_at(
        self, partitions: Sequence[TopicPartition], moment_ms: int
    ) -> Mapping[TopicPartition, int]:
        asked = self._look_at(partitions)
        found = await self._consumer.offsets_for_times(dict.fromkeys(asked, moment_ms))
        return {TopicPartition(*one): at.offset for one, at in found.items() if at is not None}

    async def read(self, spans: Sequence[Span]) -> AsyncIterator[list[ReceivedRecord]]:
        """The records of these spans, partition by partition in offset order, in lists.

        Raises TimeoutError when the broker gives nothing for 30 s.
        """
        ends = {KafkaPartition(*s.partition): s.end for s in spans if not s.empty}
        if not ends:
            return
        self._consumer.assign(list(ends))
        for span in spans:
            if not span.empty:
                self._consumer.seek(KafkaPartition(*span.partition), span.first)
        while ends:
            async with asyncio.timeout(_STALL_SECONDS):
                polled = await self._poll(ends)
            for partition, records in polled.items():
                end = ends[KafkaPartition(*partition)]
                yield [record for record in records if record.offset < end]
            await self._leave_finished(ends)

    async def first_records(
        self, offsets: Mapping[TopicPartition, int]
    ) -> dict[TopicPartition, ReceivedRecord]:
        """The first record at or after each offset. There must be one in each partition.

        Raises TimeoutError when the broker gives nothing for 30 s.
        """
        waiting = {KafkaPartition(*partition): offset for partition, offset in offsets.items()}
        found: dict[TopicPartition, ReceivedRecord] = {}
        self._consumer.assign(list(waiting))
        for partition, offset in waiting.items():
            self._consumer.seek(partition, offset)
        while waiting:
            async with asyncio.timeout(_STALL_SECONDS):
                polled = await self._consumer.getmany(*waiting, timeout_ms=_POLL_MS)
            for partition, records in received_records(polled).items():
                found[partition] = records[0]
                del waiting[KafkaPartition(*partition)]
                self._consumer.pause(KafkaPartition(*partition))
        return found

    async def _poll(
        self, ends: Mapping[KafkaPartition, int]
    ) -> Mapping[TopicPartition, Sequence[ReceivedRecord]]:
        """Wait for records, or until a partition has come to its end without one."""
        while True:
            polled = await self._consumer.getmany(
                *ends, timeout_ms=_POLL_MS, max_records=_MAX_RECORDS
            )
            if polled:
                return received_records(polled)
            positions = [await self._consumer.position(partition) for partition in ends]
            if any(at >= end for at, end in zip(positions, ends.values(), strict=True)):
                return {}

    async def _leave_finished(self, ends: dict[KafkaPartition, int]) -> None:
        for partition in list(ends):
            if await self._consumer.position(partition) >= ends[partition]:
                del ends[partition]
                self._consumer.pause(partition)


@asynccontextmanager
async def reading(bootstrap_servers: str) -> AsyncIterator[SpanReader]:
    """A reader of this broker. Raises aiokafka's KafkaConnectionError when it can't be reached."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap_servers,
        group_id=None,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        fetch_max_wait_ms=100,
        request_timeout_ms=12_000,
    )
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap_servers)
    try:
        await admin.start()
        await consumer.start()
        yield SpanReader(consumer, admin)
    finally:
        await consumer.stop()
        await admin.close()
