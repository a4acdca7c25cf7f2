"""Events on Kafka as their owners' relays would put them there, and Kafka's own subscriber."""

from collections.abc import Sequence

import orjson
from aiokafka import AIOKafkaConsumer, ConsumerRecord
from dualbus_events.broker import OutgoingRecord, TopicPartition
from dualbus_events.kafka import KafkaProducer
from dualbus_events.outbox import OutboxMessage
from dualbus_events.relay import partition_of


async def publish(kafka: str, messages: Sequence[OutboxMessage]) -> None:
    producer = KafkaProducer(kafka)
    await producer.start()
    try:
        for message in messages:
            key = message.key.encode()
            headers = [(k, v.encode()) for k, v in orjson.loads(message.headers).items()]
            partitions = await producer.partition_count(message.topic)
            target = TopicPartition(message.topic, partition_of(key, partitions))
            sent = await producer.send(target, [OutgoingRecord(key, message.payload, headers)])
            assert sent == 1
    finally:
        await producer.stop()


async def read_on_kafka(kafka: str, topic: str, keys: Sequence[str]) -> list[ConsumerRecord]:
    """What a subscriber of the topic gets about these keys, from the beginning to the end."""
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=kafka, auto_offset_reset="earliest")
    await consumer.start()
    try:
        ends = await consumer.end_offsets(consumer.assignment())
        await consumer.seek_to_beginning()
        read: list[ConsumerRecord] = []
        while any([await consumer.position(p) < end for p, end in ends.items()]):
            for records in (await consumer.getmany(timeout_ms=500)).values():
                read.extend(records)
        return [record for record in read if (record.key or b"").decode() in keys]
    finally:
        await consumer.stop()
