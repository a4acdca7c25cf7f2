"""Reads off Kafka what went through it: end offsets, groups' offsets, sizes of bodies."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from dualbus_cli.bench.fanout import FanOut, Offsets, per_order, readers_of

_SAMPLES_PER_PARTITION: Final = 20
_QUIET_SECONDS: Final = 1.0


@dataclass(frozen=True, slots=True)
class Traffic:
    """All that has been written and read at one moment."""

    written: Offsets
    read: dict[str, Offsets]


class TrafficReader:
    """Looks at every topic of the system; made by `traffic_of`."""

    def __init__(self, admin: AIOKafkaAdminClient, consumer: AIOKafkaConsumer) -> None:
        self._admin = admin
        self._consumer = consumer

    async def settled(self) -> Traffic:
        """The traffic once nothing has been written or read for a second."""
        last = await self._now()
        while True:
            await asyncio.sleep(_QUIET_SECONDS)
            now = await self._now()
            if now == last:
                return now
            last = now

    async def fan_out(self, before: Traffic, after: Traffic, *, orders: int) -> FanOut:
        """What each of the orders that were placed in between came to."""
        messages = per_order(before.written, after.written, orders=orders)
        sizes = {topic: await self._mean_size(topic) for topic in messages}
        return FanOut(messages, sizes, readers_of(messages, before.read, after.read))

    async def _now(self) -> Traffic:
        topics = [t for t in await self._admin.list_topics() if not t.startswith(("__", "bench."))]
        ends = await self._consumer.end_offsets(await self._partitions(topics))
        read = {}
        for group, *_ in await self._admin.list_consumer_groups():
            offsets = await self._admin.list_consumer_group_offsets(group)
            read[group] = _by_topic({tp: meta.offset for tp, meta in offsets.items()})
        return Traffic(_by_topic(ends), read)

    async def _partitions(self, topics: Collection[str]) -> list[TopicPartition]:
        described = await self._admin.describe_topics(list(topics))
        return [
            TopicPartition(topic["topic"], partition["partition"])
            for topic in described
            for partition in topic["partitions"]
        ]

    async def _mean_size(self, topic: str) -> int:
        """Mean size of the last bodies of a topic."""
        ends = await self._consumer.end_offsets(await self._partitions([topic]))
        filled = {tp: end for tp, end in ends.items() if end}
        self._consumer.assign(list(filled))
        for partition, end in filled.items():
            self._consumer.seek(partition, max(0, end - _SAMPLES_PER_PARTITION))
        sizes: list[int] = []
        while polled := await self._consumer.getmany(timeout_ms=300):
            sizes += [len(r.value or b"") for records in polled.values() for r in records]
        self._consumer.unsubscribe()
        return round(sum(sizes) / max(1, len(sizes)))


def _by_topic(offsets: dict[TopicPartition, int]) -> Offsets:
    counted: Counter[str] = Counter()
    for partition, offset in offsets.items():
        counted[partition.topic] += max(0, offset)
    return dict(counted)


@asynccontextmanager
async def traffic_of(bootstrap: str) -> AsyncIterator[TrafficReader]:
    """A reader of the traffic of one Kafka; it joins no group and leaves no trace."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False)
    await admin.start()
    await consumer.start()
    try:
        yield TrafficReader(admin, consumer)
    finally:
        await consumer.stop()
        await admin.close()
