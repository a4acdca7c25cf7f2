"""The bus on both brokers: every test that asks for `bus` runs on the fake and on the real one."""

from collections.abc import AsyncIterator

import pytest
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic, RecordsToDelete
from dualbus_events.broker import Consumer, Producer
from dualbus_events.kafka import KafkaConsumer, KafkaProducer
from dualbus_events.memory import MemoryBroker, MemoryConsumer, MemoryProducer

from tests.events.bus import Bus, a_bus
from tests.events.gadgets import TOPICS, handlers


@pytest.fixture(params=["memory", "kafka"])
async def bus(request: pytest.FixtureRequest, postgres_dsn: str) -> AsyncIterator[Bus]:
    if request.param == "memory":
        broker = MemoryBroker(TOPICS)

        def producer() -> Producer:
            return MemoryProducer(broker)

        def consumer(group: str) -> Consumer:
            return MemoryConsumer(broker, group=group, topics=handlers.topics)
    else:
        bootstrap = request.getfixturevalue("kafka_bootstrap")
        await _fresh_topics(bootstrap)

        def producer() -> Producer:
            return KafkaProducer(bootstrap)

        def consumer(group: str) -> Consumer:
            return KafkaConsumer(bootstrap, group=group, topics=handlers.topics, client_id="test")

    async with a_bus(postgres_dsn, producer, consumer) as running:
        yield running


async def _fresh_topics(bootstrap: str) -> None:
    """Topics without records: each test has a consumer group of its own, which starts there."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        if set(TOPICS) <= set(await admin.list_topics()):
            partitions = [TopicPartition(t, p) for t, count in TOPICS.items() for p in range(count)]
            await admin.delete_records({tp: RecordsToDelete(before_offset=-1) for tp in partitions})
        else:
            await admin.create_topics(
                [NewTopic(t, n, replication_factor=1) for t, n in TOPICS.items()]
            )
    finally:
        await admin.close()
