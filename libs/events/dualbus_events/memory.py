"""A broker in memory for tests: the port's promises, held to the same suite as Kafka itself."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from dualbus_events.broker import (
    OutgoingRecord,
    RebalanceListener,
    ReceivedRecord,
    TopicPartition,
)


class MemoryBroker:
    """Logs of records, and the committed offsets of groups."""

    def __init__(self, topics: Mapping[str, int]) -> None:
        self._partitions = dict(topics)
        self.logs: dict[TopicPartition, list[ReceivedRecord]] = defaultdict(list)
        self.committed: dict[tuple[str, TopicPartition], int] = {}
        self.members: dict[str, list[MemoryConsumer]] = defaultdict(list)
        self.arrived = asyncio.Condition()

    def partitions(self, topic: str) -> int:
        """Raises ConnectionError for a topic that does not exist."""
        try:
            return self._partitions[topic]
        except KeyError:
            raise ConnectionError(f"topic {topic} is not known to the broker") from None

    async def append(self, target: TopicPartition, records: Sequence[OutgoingRecord]) -> None:
        log = self.logs[target]
        now = int(time.time() * 1000)
        log.extend(
            ReceivedRecord(
                target.topic,
                target.partition,
                offset,
                record.key,
                record.value,
                record.headers,
                now,
            )
            for offset, record in enumerate(records, start=len(log))
        )
        async with self.arrived:
            self.arrived.notify_all()

    async def join(self, group: str, consumer: "MemoryConsumer") -> None:
        self.members[group].append(consumer)
        await self._rebalance(group)

    async def leave(self, group: str, consumer: "MemoryConsumer") -> None:
        self.members[group].remove(consumer)
        await self._rebalance(group)

    async def _rebalance(self, group: str) -> None:
        members = self.members[group]
        for member in members:
            await member.revoke()
        assigned: dict[int, list[TopicPartition]] = defaultdict(list)
        for topic in sorted({topic for member in members for topic in member.topics}):
            for partition in range(self.partitions(topic)):
                assigned[partition % len(members)].append(TopicPartition(topic, partition))
        for position, member in enumerate(members):
            await member.assign(assigned[position])


class MemoryProducer:
    """The port's producer."""

    def __init__(self, broker: MemoryBroker) -> None:
        self._broker = broker

    async def start(self) -> None:
        """Nothing to connect to."""

    async def stop(self) -> None:
        """Nothing to close."""

    async def partition_count(self, topic: str) -> int:
        return self._broker.partitions(topic)

    async def send(self, target: TopicPartition, records: Sequence[OutgoingRecord]) -> int:
        self._broker.partitions(target.topic)
        await self._broker.append(target, records)
        return len(records)


class MemoryConsumer:
    """The port's consumer; starts at the committed offset, else at the beginning."""

    def __init__(self, broker: MemoryBroker, *, group: str, topics: Collection[str]) -> None:
        self._broker = broker
        self._group = group
        self.topics = sorted(topics)
        self._positions: dict[TopicPartition, int] = {}
        self._listener: RebalanceListener | None = None

    async def start(self, listener: RebalanceListener) -> None:
        self._listener = listener
        await self._broker.join(self._group, self)

    async def stop(self) -> None:
        await self._broker.leave(self._group, self)

    async def revoke(self) -> None:
        if self._listener is not None:
            await self._listener.revoked()

    async def assign(self, partitions: Sequence[TopicPartition]) -> None:
        committed = self._broker.committed
        self._positions = {tp: committed.get((self._group, tp), 0) for tp in partitions}
        if self._listener is not None:
            await self._listener.assigned()

    async def poll(
        self, *, timeout_ms: int, max_records: int
    ) -> Mapping[TopicPartition, Sequence[ReceivedRecord]]:
        try:
            async with asyncio.timeout(timeout_ms / 1000), self._broker.arrived:
                await self._broker.arrived.wait_for(self._waiting)
        except TimeoutError:
            return {}
        return self._take(max_records)

    async def commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        for partition, next_offset in offsets.items():
            self._broker.committed[self._group, partition] = next_offset

    async def lag(self) -> Mapping[TopicPartition, int]:
        return {tp: len(self._broker.logs[tp]) - at for tp, at in self._positions.items()}

    def _waiting(self) -> bool:
        return any(len(self._broker.logs[tp]) > at for tp, at in self._positions.items())

    def _take(self, max_records: int) -> Mapping[TopicPartition, Sequence[ReceivedRecord]]:
        taken: dict[TopicPartition, Sequence[ReceivedRecord]] = {}
        for partition, position in self._positions.items():
            records = self._broker.logs[partition][position : position + max_records]
            if records:
                taken[partition] = records
                self._positions[partition] = position + len(records)
                max_records -= len(records)
            if max_records <= 0:
                break
        return taken
