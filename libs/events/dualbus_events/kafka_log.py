"""Topics read as logs, from any position to their end, outside every consumer group."""

from collections.abc import Collection, Mapping, Sequence

from aiokafka import AIOKafkaConsumer
from aiokafka import TopicPartition as KafkaPartition

from dualbus_events.broker import ReceivedRecord, TopicPartition
from dualbus_events.kafka import received_records, start_or_close

_FETCH_BYTES = 20_000_000
_PARTITION_FETCH_BYTES = 4_000_000


class KafkaLog:
    """A reader of all partitions of some topics. Nobody else notices it; no offset is committed."""

    def __init__(self, bootstrap_servers: str, *, topics: Collection[str], client_id: str) -> None:
        self._topics = sorted(topics)
        self._settings = {
            "bootstrap_servers": bootstrap_servers,
            "client_id": client_id,
            "enable_auto_commit": False,
            # Also where a position is older than what the topic still holds.
            "auto_offset_reset": "earliest",
            "request_timeout_ms": 20_000,
            "fetch_max_wait_ms": 100,
            "fetch_max_bytes": _FETCH_BYTES,
            "max_partition_fetch_bytes": _PARTITION_FETCH_BYTES,
        }
        self._consumer: AIOKafkaConsumer | None = None

    async def start(self) -> None:
        """Connect, and take every partition. Raises KafkaError, also for an unknown topic."""
        # Without a group the client assigns itself all partitions of the topics it is made with.
        consumer = AIOKafkaConsumer(*self._topics, **self._settings)
        await start_or_close(consumer)
        self._consumer = consumer

    async def stop(self) -> None:
        if self._consumer is not None:
            await self._consumer.stop()

    def seek(self, positions: Mapping[TopicPartition, int]) -> None:
        """Read on from these offsets; partitions that are not named begin at their beginning."""
        for partition, offset in positions.items():
            self._started.seek(KafkaPartition(*partition), offset)

    async def poll(
        self, *, timeout_ms: int, max_records: int
    ) -> Mapping[TopicPartition, Sequence[ReceivedRecord]]:
        """Records per partition, in offset order; empty after the time-out."""
        polled = await self._started.getmany(timeout_ms=timeout_ms, max_records=max_records)
        return received_records(polled)

    async def beginnings(self) -> dict[TopicPartition, int]:
        """The first offset that each partition still holds."""
        return _by_partition(await self._started.beginning_offsets(self._started.assignment()))

    async def ends(self) -> dict[TopicPartition, int]:
        """The offset that the next record of each partition will get."""
        return _by_partition(await self._started.end_offsets(self._started.assignment()))

    @property
    def _started(self) -> AIOKafkaConsumer:
        if self._consumer is None:
            raise ConnectionError("the log is not connected")
        return self._consumer


def _by_partition(offsets: Mapping[KafkaPartition, int]) -> dict[TopicPartition, int]:
    return {TopicPartition(p.topic, p.partition): offset for p, offset in offsets.items()}
