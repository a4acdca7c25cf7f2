"""Two majors of one event side by side: old and new code, mixed, over real Kafka."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import Any

import orjson
import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from dualbus_events.batches import ConsumerSpec
from dualbus_events.consumer import ConsumerLoop
from dualbus_events.kafka import KafkaConsumer, KafkaProducer
from dualbus_events.relay import Relay
from dualbus_events.repository import Repository
from dualbus_events.snapshot import publish_chunk
from dualbus_events.unit_of_work import Database
from dualbus_kit.database import open_pool
from dualbus_kit.ids import new_id

from tests.contract.meters import (
    CREATE_TABLES,
    MIGRATE,
    V1,
    V2,
    MeterV1,
    MeterV2,
    NewestMeters,
    NewMeter,
    NewMeters,
    OldMeter,
    OldMeters,
    a_topic,
    readers,
)
from tests.harness import fresh_database
from tests.waiting import eventually

IDS = [f"meter-{number}" for number in range(8)]
READ_V1, READ_V2 = a_topic(V1, MeterV1), a_topic(V2, MeterV2)


class World:
    """One service's database, a broker, and whatever is deployed of the service's versions."""

    def __init__(self, database: Database, bootstrap: str) -> None:
        self.database = database
        self._bootstrap = bootstrap
        self._run = new_id()

    async def create(self) -> None:
        """Half of the meters by the old code, half by the new."""
        async with self.database.unit_of_work() as uow:
            uow.add(*(OldMeter.new(id_) for id_ in IDS[::2]))
            uow.add(*(NewMeter.new(id_) for id_ in IDS[1::2]))

    async def produce(self, meters: type[Repository[Any]], *, rounds: int) -> None:
        """A deployed version of the service changes every meter, again and again."""
        for _ in range(rounds):
            async with self.database.unit_of_work() as uow:
                for meter in await uow.load(meters, IDS):
                    meter.count_up()

    @asynccontextmanager
    async def consumer(self, name: str, number: int, *topics: Any) -> AsyncIterator[None]:
        """A deployed version of a reader; its group and its place in the inbox are its name's."""
        handlers = readers(name, *topics)
        group = f"{name}-{self._run}"
        client = KafkaConsumer(self._bootstrap, group=group, topics=handlers.topics, client_id=name)
        loop = ConsumerLoop(client, self.database, ConsumerSpec(group, number, handlers))
        await loop.start()
        try:
            yield
        finally:
            await loop.stop()

    async def caught_up(self, *consumers: str) -> None:
        """Until each has seen as many changes as were committed so far."""
        committed = await self.database.pool.fetchval("SELECT sum(version) FROM meter")
        for consumer in consumers:
            await eventually(partial(self._seen, consumer), committed, seconds=60)

    async def seen(self, consumer: str) -> dict[str, list[tuple[int, int]]]:
        """By meter: (version, kWh), as they came."""
        rows = await self.database.pool.fetch(
            "SELECT id, version, kwh FROM seen WHERE consumer = $1 ORDER BY position", consumer
        )
        return {id_: [(r["version"], r["kwh"]) for r in rows if r["id"] == id_] for id_ in IDS}

    async def majors(self, consumer: str) -> set[int]:
        rows = await self.database.pool.fetch(
            "SELECT DISTINCT major FROM seen WHERE consumer = $1", consumer
        )
        return {row["major"] for row in rows}

    async def expected(self) -> dict[str, list[tuple[int, int]]]:
        """Every version of every meter once, in order: each change adds one kWh."""
        rows = await self.database.pool.fetch("SELECT id, version FROM meter")
        return {row["id"]: [(v, v) for v in range(1, row["version"] + 1)] for row in rows}

    async def _seen(self, consumer: str) -> int:
        seen: int = await self.database.pool.fetchval(
            "SELECT count(*) FROM seen WHERE consumer = $1", consumer
        )
        return seen


@pytest.fixture
async def world(postgres_dsn: str, kafka_bootstrap: str) -> AsyncIterator[World]:
    async with AsyncExitStack() as stack:
        admin = AIOKafkaAdminClient(bootstrap_servers=kafka_bootstrap)
        await admin.start()
        stack.push_async_callback(admin.close)
        await admin.create_topics([NewTopic(topic, 3, 1) for topic in (V1, V2)])
        stack.push_async_callback(admin.delete_topics, [V1, V2])
        pool = await open_pool(await fresh_database(postgres_dsn), size=10, application_name="test")
        stack.push_async_callback(pool.close)
        await pool.execute(CREATE_TABLES)
        for _ in range(2):
            relay = Relay(pool, KafkaProducer(kafka_bootstrap))
            await relay.start()
            stack.push_async_callback(relay.stop)
        yield World(Database(pool, source="test-svc"), kafka_bootstrap)


@pytest.mark.timeout(240)
async def test_producers_and_consumers_move_to_a_new_major_one_by_one(world: World) -> None:
    """`staying` reads v1 throughout, `moving` goes over both to v2; neither misses a thing."""
    async with world.consumer("staying", 1, READ_V1):
        # Old and new producers at once, on the same meters; no reader has moved yet.
        async with world.consumer("moving", 2, READ_V1):
            await world.create()
            await asyncio.gather(
                world.produce(OldMeters, rounds=15), world.produce(NewMeters, rounds=15)
            )
            await world.caught_up("staying", "moving")
        # Every producer publishes both: now a reader may take the new major to the old one.
        async with world.consumer("moving", 2, READ_V1, READ_V2):
            await asyncio.gather(*(world.produce(NewMeters, rounds=10) for _ in range(2)))
            await world.caught_up("staying", "moving")
        # Its old major is drained: it needs the new one alone. The stored form turns meanwhile.
        async with world.consumer("moving", 2, READ_V2):
            await world.produce(NewMeters, rounds=5)
            await world.database.pool.execute(MIGRATE)
            await asyncio.gather(*(world.produce(NewestMeters, rounds=10) for _ in range(2)))
            await world.caught_up("staying", "moving")

    expected = await world.expected()
    assert {len(versions) for versions in expected.values()} == {76}
    assert await world.seen("staying") == expected
    assert await world.seen("moving") == expected
    assert await world.majors("staying") == {1}
    assert await world.majors("moving") == {1, 2}


async def test_both_majors_are_published_in_one_transaction_with_one_id(world: World) -> None:
    async with world.database.unit_of_work() as uow:
        uow.add(NewMeter.new("meter-x"))
        await uow.flush()
        rows = await uow.connection.fetch("SELECT * FROM outbox ORDER BY seq")

    assert [(row["topic"], row["agg_version"], row["event_type"]) for row in rows] == [
        (V1, 1, "MeterCreateEvent"),
        (V2, 1, "MeterCreateEvent"),
    ]
    assert len({row["event_id"] for row in rows}) == 1
    schemas = [orjson.loads(row["headers"])["ce_dataschema"] for row in rows]
    assert schemas == ["/schemas/MeterCreateEvent/1", "/schemas/MeterCreateEvent/2"]
    resources = [orjson.loads(row["payload"])["event"]["meter"] for row in rows]
    assert MeterV1.model_validate(resources[0]).reading == 1
    assert MeterV2.model_validate(resources[1]).measure.unit == "kWh"
    assert "reading" not in resources[1]


async def test_a_snapshot_fills_the_new_major_too(world: World) -> None:
    """What has not changed since the new major came is else missing from its topic."""
    async with world.database.unit_of_work() as uow:
        uow.add(OldMeter.new("meter-x"))
    async with world.database.unit_of_work() as uow:
        chunk = await publish_chunk(uow, NewMeter.topic, NewMeters, after="")
        await uow.flush()
        rows = await uow.connection.fetch(
            "SELECT topic, agg_version FROM outbox WHERE event_type = $1 ORDER BY seq",
            "MeterSnapshotEvent",
        )

    assert chunk.published == 1
    assert [tuple(row) for row in rows] == [(V1, 1), (V2, 1)]
