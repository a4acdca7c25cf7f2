"""Reading topics from positions of one's own, without a consumer group: for those who replay."""

import asyncio
from collections.abc import Collection, Mapping, Sequence

from aiokafka import AIOKafkaConsumer
from aiokafka import TopicPartition as KafkaPartition

from dualbus_events.broker import ReceivedRecord, TopicPartition
from dualbus_events.kafka import REQUEST_SECONDS, received_records, start_or_close
from dualbus_events.lenient_records import read_leniently

Positions = Mapping[TopicPartition, int]
"""The offset of the next record to read, per partition."""


class LogReader:
    """All partitions of some topics. `start`, then `seek`, then `poll`."""

    def __init__(self, bootstrap_servers: str, *, topics: Collection[str], client_id: str) -> None:
        # Topics rather than partitions: a partition that is added later is read from its start.
        self._consumer = AIOKafkaConsumer(
            *sorted(topics),
            bootstrap_servers=bootstrap_servers,
            client_id=client_id,
            group_id=None,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            request_timeout_ms=12_000,
            fetch_max_wait_ms=300,
            max_partition_fetch_bytes=1_500_000,
        )

    async def start(self) -> None:
        """Raises KafkaError or OSError when the broker can't be reached; call it once only."""
        await start_or_close(self._consumer)

    async def stop(self) -> None:
        await asyncio.wait_for(self._consumer.stop(), REQUEST_SECONDS)

    @property
    def partitions(self) -> set[TopicPartition]:
        return {TopicPartition(p.topic, p.partition) for p in self._consumer.assignment()}

    async def offsets_at(self, milliseconds: int) -> Positions:
        """Per partition the first record of that time or later, else where the log ends."""
        partitions = self._consumer.assignment()
        # The ends first: what is appended between the two questions must not be left out.
        ends = await self._consumer.end_offsets(partitions)
        found = await self._consumer.offsets_for_times(dict.fromkeys(partitions, milliseconds))
        return {
            TopicPartition(partition.topic, partition.partition): (
                at.offset if (at := found.get(partition)) else ends[partition]
            )
            for partition in partitions
        }

    async def end_offsets(self) -> Positions:
        """Where the log ends now, per partition."""
        ends = await self._consumer.end_offsets(self._consumer.assignment())
        return {TopicPartition(p.topic, p.partition): offset for p, offset in ends.items()}

    def seek(self, positions: Positions) -> None:
        """Read on from here."""
        for partition, offset in positions.items():
            self._consumer.seek(KafkaPartition(*partition), offset)

    async def poll(
        self, *, timeout_ms: int, max_records: int
    ) -> Mapping[TopicPartition, Sequence[ReceivedRecord]]:
        """Records per partition, in offset order; empty after the time-out.

        Raises what the broker raises; start anew then.
        """
        try:
            received = await self._consumer.getmany(timeout_ms=timeout_ms, max_records=max_records)
        except UnicodeDecodeError:
            read_leniently()
            raise
        return received_records(received)
