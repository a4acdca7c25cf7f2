"""`/ops/replay`: part of a topic is handled once more, in order, by one consumer."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from dualbus_events.batches import ConsumerSpec
from dualbus_events.handlers import Handlers
from dualbus_events.messages import Envelope
from dualbus_events.outbox import OutboxMessage, task_message
from dualbus_events.service import ServiceSpec
from dualbus_events.unit_of_work import UnitOfWork
from dualbus_kit.errors import Invalid
from dualbus_kit.ids import new_id
from sqlalchemy import MetaData

from tests.harness import Harness, a_task, record_of, running

TOPIC = f"test.replay-{new_id()}"
handlers = Handlers()


@handlers.on_message(TOPIC)
async def note(envelopes: Sequence[Envelope], uow: UnitOfWork) -> None:
    for envelope in envelopes:
        text = orjson.loads(envelope.record.value)["payload"]["note"]
        if text == "poison":
            raise Invalid("poison")
        await uow.connection.execute("INSERT INTO note (text) VALUES ($1)", text)


SPEC = ServiceSpec(
    name="replayed",
    title="Replays",
    metadata=MetaData(),
    migrations=Path(__file__).parent / "no_migrations",
    routers=[],
    consumers=[ConsumerSpec("replayed-svc.notes", 7, handlers)],
)


def a_note(text: str, *, customer: str = "c1") -> OutboxMessage:
    message = task_message("t", a_task("note.take", {"note": text}, customer_id=customer))
    return replace(message, topic=TOPIC)


FIRST, SECOND, OTHERS = a_note("first"), a_note("second"), a_note("others", customer="c2")


@pytest.fixture
async def service(postgres_dsn: str, kafka_bootstrap: str) -> AsyncIterator[Harness]:
    async with running(SPEC, postgres_dsn, kafka=kafka_bootstrap) as harness:
        await harness.database.pool.execute("CREATE TABLE note (at serial, text text)")
        yield harness


async def publish(bootstrap: str, *messages: OutboxMessage) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    if TOPIC not in await admin.list_topics():
        await admin.create_topics([NewTopic(TOPIC, num_partitions=1, replication_factor=1)])
    await admin.close()
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap)
    await producer.start()
    for message in messages:
        record = record_of(message)
        await producer.send_and_wait(TOPIC, record.value, key=record.key, headers=record.headers)
    await producer.stop()


async def replay(service: Harness, **changes: Any) -> list[dict[str, Any]]:
    now = datetime.now(UTC)
    asked = {
        "consumer": "replayed-svc.notes",
        "topic": TOPIC,
        "from": (now - timedelta(hours=1)).isoformat(),
        "to": (now + timedelta(hours=1)).isoformat(),
        **changes,
    }
    answer = await service.client.post("/ops/replay", json=asked)
    return [orjson.loads(line) for line in answer.content.splitlines()]


async def notes(service: Harness) -> list[str]:
    rows = await service.database.pool.fetch("SELECT text FROM note ORDER BY at")
    return [row["text"] for row in rows]


async def test_a_replay_lists_handles_again_and_stops_where_a_message_fails(
    service: Harness, kafka_bootstrap: str
) -> None:
    # The log holds the first message twice, as after a relay's crash.
    await publish(kafka_bootstrap, FIRST, SECOND, FIRST, OTHERS)
    await service.deliver(FIRST, SECOND, OTHERS)
    handled = ["first", "second", "others"]

    listed = await replay(service, dryRun=True)
    assert [line["message"]["key"] for line in listed[:-1]] == [
        FIRST.key, SECOND.key, OTHERS.key,
    ]  # fmt: skip
    assert listed[-1] == {"done": True, "messages": 3, "dryRun": True}
    assert await notes(service) == handled

    of_one = await replay(service, customer="c2")
    assert of_one[-1] == {"done": True, "messages": 1}
    everything = await replay(service)
    assert everything[-1] == {"done": True, "messages": 3}
    assert await notes(service) == [*handled, "others", *handled]

    # What was replayed is claimed again: a redelivery changes nothing.
    await service.deliver(FIRST, SECOND, OTHERS)
    assert len(await notes(service)) == 7

    await publish(kafka_bootstrap, a_note("poison"), a_note("behind"))
    failed = (await replay(service))[-1]
    assert failed == {"error": f"{TOPIC}/0/4: Invalid: poison", "messages": 0}
    assert await notes(service) == [*handled, "others", *handled, *handled]

    entries = (await service.client.get("/ops/audit")).json()["audit"]
    assert [entry["after"] for entry in entries] == [failed, everything[-1], of_one[-1]]
    assert entries[1]["subject"] == f"replayed-svc.notes {TOPIC}"


async def test_a_consumer_or_topic_that_does_not_fit_is_refused(service: Harness) -> None:
    [unknown] = await replay(service, consumer="nobody")
    [other] = await replay(service, topic="test.other.v1")

    assert (unknown["code"], other["code"]) == ("unknownConsumer", "notSubscribed")
