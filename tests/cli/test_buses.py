"""What `dualbus bus lag`, `topics` and `trace` read from Kafka itself."""

import asyncio

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from dualbus_cli.buses.chain import causal_chain, elapsed_ms
from dualbus_cli.buses.inventory import topic_states
from dualbus_cli.buses.lag import GroupLag, group_lags
from dualbus_cli.topics import create_topics
from dualbus_events.catalogue import TOPICS
from dualbus_events.outbox import OutboxMessage, ReplyAddress, reply_message, task_message
from dualbus_events.tasks import done, task_topic
from dualbus_kit.causation import Cause
from dualbus_kit.ids import new_id

from tests.harness import a_task, record_of

TOPIC = task_topic("billing")


@pytest.fixture(scope="module")
def bootstrap(kafka_bootstrap: str) -> str:
    asyncio.run(create_topics(kafka_bootstrap))
    return kafka_bootstrap


async def publish(bootstrap: str, *messages: OutboxMessage) -> None:
    async with AIOKafkaProducer(bootstrap_servers=bootstrap) as producer:
        for message in messages:
            record = record_of(message)
            await producer.send_and_wait(
                record.topic, record.value, key=record.key, headers=record.headers
            )


async def lag_of(bootstrap: str, group: str) -> GroupLag:
    return next(one for one in await group_lags(bootstrap) if one.group == group)


async def test_lag_counts_messages_and_seconds_and_shows_a_group_without_members(
    bootstrap: str,
) -> None:
    task = task_message("order-svc", a_task("billing.open", {}))
    await publish(bootstrap, task, task)
    group = f"test-{new_id()}"
    consumer = AIOKafkaConsumer(
        TOPIC, bootstrap_servers=bootstrap, group_id=group, enable_auto_commit=False
    )
    async with consumer:
        while not consumer.assignment():  # noqa: ASYNC110 - aiokafka has no event for it
            await asyncio.sleep(0.05)
        ends = await consumer.end_offsets(consumer.assignment())
        behind = max(ends, key=lambda partition: ends[partition])
        await consumer.commit({**ends, behind: ends[behind] - 2})
        reading = await lag_of(bootstrap, group)
    left = await lag_of(bootstrap, group)

    assert (reading.members, left.members) == (1, 0)
    assert reading.messages == left.messages == 2
    assert left.seconds > 0
    [lagging] = [one for one in left.partitions if one.messages]
    assert TopicPartition(*lagging.partition) == behind


async def test_topics_are_held_against_the_catalogue(bootstrap: str) -> None:
    states = {state.topic: state for state in await topic_states(bootstrap)}

    assert {topic.name: states[topic.name].trouble for topic in TOPICS} == {
        topic.name: "" for topic in TOPICS
    }
    assert states[TOPIC].owner == "billing"
    assert states[TOPIC].config["cleanup.policy"] == "delete"


async def test_a_chain_holds_what_a_key_led_to_in_the_order_of_its_causes(bootstrap: str) -> None:
    process, correlation, customer = new_id(), new_id(), f"customer-{new_id()}"
    task = a_task(
        "billing.open",
        {"customerId": customer},
        process_id=process,
        cause=Cause(correlation_id=correlation),
    )
    asked = task_message("order-svc", task)
    address = ReplyAddress(
        task_id=task.task_id,
        task_type=task.type,
        process_id=process,
        reply_to=task.reply_to,
        customer_id=customer,
        cause=Cause(correlation, causation_id=str(asked.event_id)),
    )
    answered = reply_message("billing-svc", address, done())
    unrelated = task_message("order-svc", a_task("billing.open", {}))
    # The log holds the task twice.
    await publish(bootstrap, asked, unrelated, answered, asked)

    chain = await causal_chain(bootstrap, process)

    assert [(link.event_id, link.depth) for link in chain] == [
        (str(asked.event_id), 0),
        (str(answered.event_id), 1),
    ]
    assert (chain[1].says, chain[1].source) == ("done", "billing-svc")
    assert elapsed_ms(chain)[0] == 0
    assert await causal_chain(bootstrap, correlation) == chain
    assert await causal_chain(bootstrap, customer) == chain
    assert await causal_chain(bootstrap, "nothing of this name") == []
