"""A consumer outlives a Kafka that is not up yet, and a poll brings all that waits."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaConnectionError
from dualbus_cli.embedded.ports import free_port
from dualbus_events.fetch_sessions import FetchSession, SessionClient
from dualbus_events.kafka import KafkaConsumer
from dualbus_kit.ids import new_id


class Nobody:
    """Listens to rebalances and does nothing about them."""

    async def revoked(self) -> None:
        return None

    async def assigned(self) -> None:
        return None


@contextlib.asynccontextmanager
async def forwarding(port: int, *, to: str) -> AsyncIterator[None]:
    """A way to Kafka that was not there before; what Kafka then advertises is its own address."""
    host, _, kafka_port = to.rpartition(":")
    tasks: set[asyncio.Task[None]] = set()

    async def pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while received := await source.read(65536):
                sink.write(received)
                await sink.drain()
        sink.close()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        kafka_reader, kafka_writer = await asyncio.open_connection(host, int(kafka_port))
        tasks.add(asyncio.create_task(pump(reader, kafka_writer)))
        tasks.add(asyncio.create_task(pump(kafka_reader, writer)))

    server = await asyncio.start_server(connected, "127.0.0.1", port)
    try:
        yield
    finally:
        server.close()
        await asyncio.gather(*tasks)


async def test_a_consumer_that_could_not_start_reads_once_kafka_is_there(
    kafka_bootstrap: str,
) -> None:
    topic, port = f"test.{new_id()}", free_port()
    await publish(kafka_bootstrap, topic, b"early")
    consumer = KafkaConsumer(f"127.0.0.1:{port}", group=topic, topics=[topic], client_id="test")
    with pytest.raises(KafkaConnectionError):
        await consumer.start(Nobody())

    async with forwarding(port, to=kafka_bootstrap):
        await consumer.start(Nobody())
        received = await first_value(consumer)
        await consumer.stop()

    assert received == b"early"


async def test_a_poll_hands_out_all_that_came_while_the_last_batch_was_handled(
    kafka_bootstrap: str,
) -> None:
    topic, consumer = await reading_three_partitions(kafka_bootstrap)

    await append(kafka_bootstrap, topic, b"later", partitions=3)
    received = await consumer.poll(timeout_ms=10_000, max_records=100)
    await consumer.stop()

    assert sorted(partition.partition for partition in received) == [0, 1, 2]


async def test_records_arrive_in_partitions_that_a_fetch_no_longer_names(
    kafka_bootstrap: str,
) -> None:
    topic, consumer = await reading_three_partitions(kafka_bootstrap)
    while (session := session_of(consumer)).epoch < 3:
        await consumer.poll(timeout_ms=600, max_records=10)

    named, _ = session.ask({(topic, 0): 1, (topic, 1): 0, (topic, 2): 0})
    await append(kafka_bootstrap, topic, b"later", partitions=3)
    received = await polled(consumer, records=3)
    lag = await consumer.lag()
    await consumer.stop()

    assert named == set()
    assert received == [(0, b"later"), (1, b"later"), (2, b"later")]
    assert set(lag.values()) == {0}


async def test_a_consumer_whose_session_the_broker_forgot_opens_another(
    kafka_bootstrap: str,
) -> None:
    topic, consumer = await reading_three_partitions(kafka_bootstrap)

    session = session_of(consumer)
    session.id, session.epoch = session.id + 1, 7
    await append(kafka_bootstrap, topic, b"later", partitions=3)
    received = await polled(consumer, records=3)
    await consumer.stop()

    assert received == [(0, b"later"), (1, b"later"), (2, b"later")]


async def reading_three_partitions(kafka_bootstrap: str) -> tuple[str, KafkaConsumer]:
    """A new topic, and a consumer that has read the one record in it."""
    topic = f"test.{new_id()}"
    await publish(kafka_bootstrap, topic, b"first", partitions=3)
    consumer = KafkaConsumer(kafka_bootstrap, group=topic, topics=[topic], client_id="test")
    await consumer.start(Nobody())
    await first_value(consumer)
    return topic, consumer


def session_of(consumer: KafkaConsumer) -> FetchSession:
    """Of the one broker."""
    _, fetching = consumer._started
    client: SessionClient = fetching._fetcher._client
    [session] = client._sessions.values()
    return session


async def polled(consumer: KafkaConsumer, *, records: int) -> list[tuple[int, bytes]]:
    """Partition and value of so many records, by partition."""
    found: list[tuple[int, bytes]] = []
    while len(found) < records:
        for part, received in (await consumer.poll(timeout_ms=600, max_records=10)).items():
            found += [(part.partition, record.value) for record in received]
    return sorted(found)


async def publish(bootstrap: str, topic: str, value: bytes, *, partitions: int = 1) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    await admin.create_topics([NewTopic(topic, num_partitions=partitions, replication_factor=1)])
    await admin.close()
    await append(bootstrap, topic, value, partitions=1)


async def append(bootstrap: str, topic: str, value: bytes, *, partitions: int) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap)
    await producer.start()
    for partition in range(partitions):
        await producer.send_and_wait(topic, value, partition=partition)
    await producer.stop()


async def first_value(consumer: KafkaConsumer) -> bytes:
    while True:
        polled = await consumer.poll(timeout_ms=200, max_records=10)
        for records in polled.values():
            return records[0].value
