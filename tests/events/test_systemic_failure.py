"""When half of the messages fail, the consumer stops instead of parking them all."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from dualbus_events.breaker import (
    TOO_MANY,
    WINDOW,
    Breaker,
    SystemicFailure,
    resume_consumer,
    stopped_consumers,
)
from dualbus_events.consumer import ConsumerLoop
from dualbus_events.facts import Fact
from dualbus_events.handlers import Handlers
from dualbus_events.memory import MemoryBroker, MemoryConsumer, MemoryProducer
from dualbus_events.unit_of_work import UnitOfWork
from dualbus_kit.errors import Invalid

from tests.events.bus import Bus, a_bus, eventually
from tests.events.gadgets import TOPICS, Gadget, GadgetCreateEvent, GadgetDocument

# A hundred keys are tried one by one before a consumer stops: slow on a busy machine.
pytestmark = pytest.mark.timeout(180)

deployed = Handlers()


class Deploy:
    """What runs: good code, or code that fails whatever the message says."""

    bad = False


@deployed.on(GadgetCreateEvent)
async def gadgets_created(events: Sequence[Fact[GadgetDocument]], uow: UnitOfWork) -> None:
    if Deploy.bad or any(event.document.note == "poison" for event in events):
        raise Invalid("bad deploy")
    await uow.connection.executemany(
        "INSERT INTO seen (id) VALUES ($1)", [(event.key,) for event in events]
    )


@pytest.fixture
async def bus(postgres_dsn: str) -> AsyncIterator[Bus]:
    broker = MemoryBroker(TOPICS)
    async with a_bus(
        postgres_dsn,
        lambda: MemoryProducer(broker),
        lambda group: MemoryConsumer(broker, group=group, topics=deployed.topics),
    ) as running:
        running.spec = replace(running.spec, handlers=deployed)
        yield running
        Deploy.bad = False


@asynccontextmanager
async def a_consumer(bus: Bus, *, probe_seconds: float) -> AsyncIterator[ConsumerLoop]:
    consumer = ConsumerLoop(
        bus.consumer(bus.spec.group), bus.database, bus.spec, probe_seconds=probe_seconds
    )
    await consumer.start()
    try:
        yield consumer
    finally:
        await consumer.stop()


async def commit(bus: Bus, count: int, *, note: str = "", prefix: str = "g") -> None:
    async with bus.database.unit_of_work() as uow:
        uow.add(*(Gadget.new(f"{prefix}{n}", note=note) for n in range(count)))


async def stopped(bus: Bus) -> bool:
    async with bus.pool.acquire() as connection:
        return bool(await stopped_consumers(connection))


async def test_a_bad_deploy_stops_the_consumer_and_nothing_is_lost_once_it_is_repaired(
    bus: Bus,
) -> None:
    Deploy.bad = True
    await bus.start_relay()
    await commit(bus, 300)
    async with a_consumer(bus, probe_seconds=0.1) as consumer:
        await eventually(lambda: stopped(bus), seconds=90)
        health = await consumer.alive()
        parked = await bus.pool.fetchval("SELECT count(*) FROM parked_key")

        Deploy.bad = False

        await bus.until("SELECT count(DISTINCT id) FROM seen", 300 - parked, seconds=90)
        await eventually(consumer.alive, None, seconds=90)
        assert not await stopped(bus)
    assert health is not None
    assert "bad deploy" in health
    assert parked < TOO_MANY


async def test_a_stopped_consumer_goes_on_when_an_operator_says_so(bus: Bus) -> None:
    await bus.start_relay()
    await commit(bus, TOO_MANY, note="poison")
    async with a_consumer(bus, probe_seconds=3600):
        await eventually(lambda: stopped(bus), seconds=90)
        await commit(bus, 5, prefix="fine")

        async with bus.pool.acquire() as connection:
            await resume_consumer(connection, bus.spec.number)

        await bus.until("SELECT count(*) FROM seen", 5, seconds=90)
        await bus.until("SELECT count(*) FROM parked_key", TOO_MANY, seconds=90)


async def test_a_stopped_consumer_stops_at_once_and_parks_nothing_more(bus: Bus) -> None:
    Deploy.bad = True
    await bus.start_relay()
    await commit(bus, 300)
    async with a_consumer(bus, probe_seconds=3600):
        await eventually(lambda: stopped(bus), seconds=90)
    assert not await stopped(bus)
    assert await bus.pool.fetchval("SELECT count(*) FROM parked_key") < TOO_MANY

    Deploy.bad = False
    parked = await bus.pool.fetchval("SELECT count(*) FROM parked_key")
    async with a_consumer(bus, probe_seconds=3600):
        await bus.until("SELECT count(DISTINCT id) FROM seen", 300 - parked, seconds=90)


async def test_a_third_of_failures_stops_nothing(bus: Bus) -> None:
    breaker = Breaker(bus.pool, group="g", consumer=1)

    for _ in range(WINDOW):
        breaker.succeeded(2)
        breaker.failed(ValueError("one in three"))

    assert breaker.reason is None


async def test_the_failure_that_is_one_too_many_opens_the_breaker(bus: Bus) -> None:
    breaker = Breaker(bus.pool, group="g", consumer=1)
    for _ in range(TOO_MANY - 1):
        breaker.failed(ValueError("again"))

    with pytest.raises(SystemicFailure, match=f"{TOO_MANY} of the last {TOO_MANY}"):
        breaker.failed(ValueError("and again"))
