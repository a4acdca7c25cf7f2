"""`/ops/outbox`: what is not published yet, and what the broker refused."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from dualbus_events.memory import MemoryBroker, MemoryProducer
from dualbus_events.outbox import task_message
from dualbus_events.relay import Relay
from dualbus_events.service import ServiceSpec
from sqlalchemy import MetaData

from tests.events.gadgets import TASKS, TOPICS
from tests.harness import Harness, a_task, running

SPEC = ServiceSpec(
    name="outboxes",
    title="Outboxes",
    metadata=MetaData(),
    migrations=Path(__file__).parent / "no_migrations",
    routers=[],
)
PARK = "INSERT INTO outbox_parked VALUES ($1, $2, gen_random_uuid(), 'too large')"


@pytest.fixture
async def service(postgres_dsn: str) -> AsyncIterator[Harness]:
    async with running(SPEC, postgres_dsn) as harness:
        yield harness


async def commit(service: Harness, *processes: str) -> None:
    async with service.database.unit_of_work() as uow:
        for process in processes:
            uow.send(task_message("t", a_task("gadget.make", {}, process_id=process)))


async def test_an_outbox_says_how_much_waits_and_how_old_it_is(service: Harness) -> None:
    await commit(service, "p1", "p2")

    shown = (await service.client.get("/ops/outbox")).json()

    assert (shown["pending"], shown["parked"]) == (2, [])
    assert shown["oldestSeconds"] >= 0


async def test_a_refused_key_is_shown_and_published_once_an_operator_says_so(
    service: Harness,
) -> None:
    await commit(service, "p1", "p1")
    await service.database.pool.execute(PARK, TASKS, b"p1")
    relay = Relay(service.database.pool, MemoryProducer(MemoryBroker(TOPICS)))

    assert await relay.publish_once() == 0
    [refused] = (await service.client.get("/ops/outbox")).json()["parked"]
    answer = await service.client.post("/ops/outbox/retry", json={"key": "p1"})

    assert (refused["key"], refused["messages"], refused["reason"]) == ("p1", 2, "too large")
    assert answer.json() == {"released": 1}
    assert await relay.publish_once() == 2


async def test_a_key_that_was_not_refused_is_not_found(service: Harness) -> None:
    answer = await service.client.post("/ops/outbox/retry", json={"key": "p9"})

    assert (answer.status_code, answer.json()["code"]) == (404, "nothingRefused")


async def test_a_key_that_no_text_can_be_is_refused(service: Harness) -> None:
    answer = await service.client.post("/ops/outbox/retry", json={"key": "p\0"})

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
