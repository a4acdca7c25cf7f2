"""The broker port on aiokafka, with its traps avoided (bus.md, 2.4)."""

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence

import structlog
from aiokafka import (
    AIOKafkaConsumer,
    AIOKafkaProducer,
    ConsumerRebalanceListener,
    ConsumerRecord,
)
from aiokafka import TopicPartition as KafkaPartition
from aiokafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor
from aiokafka.errors import (
    InvalidTopicError,
    KafkaError,
    MessageSizeTooLargeError,
    TopicAuthorizationFailedError,
)

from dualbus_events.broker import (
    OutgoingRecord,
    PermanentBrokerError,
    RebalanceListener,
    ReceivedRecord,
    TopicPartition,
)
from dualbus_events.fetching import FetchOnDemand
from dualbus_events.lenient_records import read_leniently
from dualbus_events.metrics import OPERATION_SECONDS
from dualbus_events.pace import MANY_MESSAGES

log = structlog.get_logger(__name__)

REQUEST_SECONDS = 10
_METADATA_SECONDS = 2
_BATCH_BYTES = 400_000
_SEND, _POLL, _COMMIT = (OPERATION_SECONDS.labels(name) for name in ("send", "poll", "commit"))
_PERMANENT = (
    InvalidTopicError,
    MessageSizeTooLargeError,
    TopicAuthorizationFailedError,
)


class KafkaProducer:
    """Producer without idempotence: aiokafka's never recovers from a failed batch (trap 3).

    Order holds all the same: one request in flight per broker, one batch at a time per partition.
    """

    def __init__(self, bootstrap_servers: str) -> None:
        self._bootstrap_servers = bootstrap_servers
        self._producer: AIOKafkaProducer | None = None

    async def start(self) -> None:
        producer = AIOKafkaProducer(
            bootstrap_servers=self._bootstrap_servers,
            acks="all",
            enable_idempotence=False,
            max_batch_size=_BATCH_BYTES,
            max_request_size=1_500_000,
            request_timeout_ms=REQUEST_SECONDS * 1000,
            compression_type="lz4",
        )
        await start_or_close(producer)
        self._producer = producer

    async def stop(self) -> None:
        if self._producer is not None:
            await asyncio.wait_for(self._producer.stop(), REQUEST_SECONDS)

    async def partition_count(self, topic: str) -> int:
        try:
            async with asyncio.timeout(_METADATA_SECONDS):
                partitions = await self._started.partitions_for(topic)
        except (KafkaError, TimeoutError) as error:
            raise ConnectionError(f"topic {topic} is not known to the broker: {error!r}") from error
        return len(partitions)

    async def send(self, target: TopicPartition, records: Sequence[OutgoingRecord]) -> int:
        acknowledged = 0
        while acknowledged < len(records):
            sent = await self._send_batch(target, records[acknowledged:], first=acknowledged == 0)
            if sent == 0:
                break
            acknowledged += sent
        return acknowledged

    async def _send_batch(
        self, target: TopicPartition, records: Sequence[OutgoingRecord], *, first: bool
    ) -> int:
        batch = self._started.create_batch()
        size = 0
        for record in records:
            if not batch.append(
                key=record.key, value=record.value, timestamp=None, headers=record.headers
            ):
                break
            size += 1
        batch.close()
        try:
            with _SEND.time():
                async with asyncio.timeout(REQUEST_SECONDS + 2):
                    future = await self._started.send_batch(
                        batch, target.topic, partition=target.partition
                    )
                    await future
        except _PERMANENT as error:
            if size > 1:
                # Find the one that is refused: what stands before it can still go out.
                return await self._send_batch(target, records[: size // 2], first=first)
            if first:
                raise PermanentBrokerError(f"{target.topic}: {error}") from error
            return 0
        except (KafkaError, TimeoutError) as error:
            log.warning("kafka did not acknowledge", topic=target.topic, error=repr(error))
            return 0
        return size

    @property
    def _started(self) -> AIOKafkaProducer:
        if self._producer is None:
            raise ConnectionError("the producer is not connected")
        return self._producer


class KafkaConsumer:
    """A member of a consumer group; no deserializers, no auto-commit, one assignor."""

    def __init__(
        self, bootstrap_servers: str, *, group: str, topics: Collection[str], client_id: str
    ) -> None:
        self._topics = sorted(topics)
        self._consumer: AIOKafkaConsumer | None = None
        self._fetching: FetchOnDemand | None = None
        self._settings = {
            "bootstrap_servers": bootstrap_servers,
            "group_id": group,
            "client_id": client_id,
            "enable_auto_commit": False,
            "auto_offset_reset": "earliest",
            "partition_assignment_strategy": (RoundRobinPartitionAssignor,),
            "session_timeout_ms": 15_000,
            "heartbeat_interval_ms": 3_000,
            "rebalance_timeout_ms": 60_000,
            "max_poll_interval_ms": 900_000,
            "request_timeout_ms": 12_000,
            "fetch_max_wait_ms": 500,
            "max_partition_fetch_bytes": 2_000_000,
        }

    async def start(self, listener: RebalanceListener) -> None:
        """Join the group; may be called again after it failed."""
        # A client that could not start was closed, and a closed one never polls again.
        consumer = AIOKafkaConsumer(**self._settings)
        consumer.subscribe(topics=self._topics, listener=_Listener(listener))
        await start_or_close(consumer)
        self._consumer = consumer
        self._fetching = FetchOnDemand(consumer)

    async def stop(self) -> None:
        if self._consumer is not None:
            await asyncio.wait_for(self._consumer.stop(), REQUEST_SECONDS)

    async def poll(
        self, *, timeout_ms: int, max_records: int
    ) -> Mapping[TopicPartition, Sequence[ReceivedRecord]]:
        consumer, fetching = self._started
        fetching.begin()
        try:
            with _POLL.time():
                received = await consumer.getmany(timeout_ms=timeout_ms, max_records=max_records)
        except UnicodeDecodeError:
            log.error("a header name is no UTF-8; this process reads leniently, and slower, now")
            read_leniently()
            raise
        if 0 < sum(map(len, received.values())) < MANY_MESSAGES:
            fetching.hold()
        return received_records(received)

    async def commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        # commit() without arguments is never used: it would commit what was not handled (trap 1).
        committed = {KafkaPartition(*tp): next_ for tp, next_ in offsets.items()}
        consumer, _ = self._started
        with _COMMIT.time():
            await asyncio.wait_for(consumer.commit(committed), 5)

    async def lag(self) -> Mapping[TopicPartition, int]:
        lag: dict[TopicPartition, int] = {}
        consumer, _ = self._started
        for partition in consumer.assignment():
            highwater = consumer.highwater(partition)
            if highwater is not None:
                position = await asyncio.wait_for(consumer.position(partition), 5)
                lag[TopicPartition(partition.topic, partition.partition)] = highwater - position
        return lag

    @property
    def _started(self) -> tuple[AIOKafkaConsumer, FetchOnDemand]:
        if self._consumer is None or self._fetching is None:
            raise ConnectionError("the consumer is not connected")
        return self._consumer, self._fetching


class _Listener(ConsumerRebalanceListener):  # type: ignore[misc]
    def __init__(self, listener: RebalanceListener) -> None:
        self._listener = listener

    async def on_partitions_revoked(self, _revoked: Iterable[KafkaPartition]) -> None:
        await self._listener.revoked()

    async def on_partitions_assigned(self, _assigned: Iterable[KafkaPartition]) -> None:
        await self._listener.assigned()


def received_records(
    received: Mapping[KafkaPartition, Sequence[ConsumerRecord]],
) -> Mapping[TopicPartition, Sequence[ReceivedRecord]]:
    """What aiokafka handed out, in the port's terms."""
    return {
        TopicPartition(partition.topic, partition.partition): [
            ReceivedRecord(
                record.topic,
                record.partition,
                record.offset,
                record.key or b"",
                record.value or b"",
                record.headers,
                record.timestamp,
            )
            for record in records
        ]
        for partition, records in received.items()
    }


async def start_or_close(client: AIOKafkaProducer | AIOKafkaConsumer) -> None:
    """Start, or leave nothing open behind: aiokafka warns about clients that were never closed."""
    try:
        await asyncio.wait_for(client.start(), 30)
    except BaseException:
        await client.stop()
        raise
