"""Records on real Kafka, as relays would have put them there."""

from collections import defaultdict
from collections.abc import Sequence

import orjson
from dualbus_events.broker import OutgoingRecord, TopicPartition
from dualbus_events.kafka import KafkaProducer
from dualbus_events.outbox import OutboxMessage
from dualbus_events.relay import partition_of


async def publish(kafka: str, messages: Sequence[OutboxMessage]) -> None:
    """Write all, those of one key in their order."""
    producer = KafkaProducer(kafka)
    await producer.start()
    try:
        await write(producer, messages)
    finally:
        await producer.stop()


async def write(producer: KafkaProducer, messages: Sequence[OutboxMessage]) -> None:
    """The same with a producer that is started."""
    groups: dict[TopicPartition, list[OutgoingRecord]] = defaultdict(list)
    for message in messages:
        key = message.key.encode()
        headers = [(k, v.encode()) for k, v in orjson.loads(message.headers).items()]
        partitions = await producer.partition_count(message.topic)
        target = TopicPartition(message.topic, partition_of(key, partitions))
        groups[target].append(OutgoingRecord(key, message.payload, headers))
    for target, records in groups.items():
        assert await producer.send(target, records) == len(records)
