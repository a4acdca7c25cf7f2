"""A read that names a write shows it: under load, and while partitions change their owner."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest
from dualbus_cli.topics import create_topics
from dualbus_events.kafka import KafkaProducer
from dualbus_events.service import process_of
from dualbus_kit.ids import new_id
from dualbus_kit.service import create_app
from ods_svc.service import ods_service

from tests.harness import Harness, running
from tests.ods.ods_log import write
from tests.ods.ods_samples import a_customer
from tests.waiting import eventually

# Rebalances take seconds, more on a busy machine.
pytestmark = pytest.mark.timeout(180)
VIEW = "/tmf-api/customer360/v4/customer360"
CUSTOMERS = 12
VERSIONS = 15


@asynccontextmanager
async def _second_process(ods: Harness) -> AsyncIterator[None]:
    """Another process of the same service on the same database: the group rebalances twice."""
    app = create_app(process_of(ods_service(), ods.service.settings))
    async with app.router.lifespan_context(app):
        yield


async def _owns_partitions(ods: Harness, producer: KafkaProducer) -> None:
    """The group has settled: what is published now is applied."""
    marker = new_id()
    await write(producer, [a_customer(marker)])
    await eventually(lambda: _known(ods, marker), seconds=60)


async def _known(ods: Harness, customer: str) -> bool:
    answer = await ods.client.get(f"{VIEW}/{customer}")
    return answer.status_code == 200


async def test_read_shows_the_write_it_names_while_the_group_rebalances(
    postgres_dsn: str, kafka_bootstrap: str
) -> None:
    await create_topics(kafka_bootstrap)
    producer = KafkaProducer(kafka_bootstrap)
    await producer.start()
    wrong: list[str] = []
    reads = 0

    async with running(
        ods_service(),
        postgres_dsn,
        roles=("api", "consumer"),
        kafka=kafka_bootstrap,
        settings={"consistency_seconds": 25.0},
    ) as ods:

        async def write_and_read(customer: str, versions: Sequence[int]) -> None:
            nonlocal reads
            for version in versions:
                await write(producer, [a_customer(customer, version=version, name=f"{version}")])
                token = {"X-Consistency-Token": f"customer:{customer}@{version}"}
                answer = await ods.client.get(f"{VIEW}/{customer}?fields=name", headers=token)
                reads += 1
                if answer.status_code != 200 or int(answer.json()["name"]) < version:
                    wrong.append(f"{customer}@{version}: {answer.status_code} {answer.text}")

        async def everyone(versions: Sequence[int]) -> None:
            await asyncio.gather(*(write_and_read(customer, versions) for customer in customers))

        customers = [new_id() for _ in range(CUSTOMERS)]
        await _owns_partitions(ods, producer)
        async with _second_process(ods):
            await everyone(range(1, VERSIONS))
        await everyone(range(VERSIONS, 2 * VERSIONS))
    await producer.stop()

    assert wrong == []
    assert reads == CUSTOMERS * (2 * VERSIONS - 1)
