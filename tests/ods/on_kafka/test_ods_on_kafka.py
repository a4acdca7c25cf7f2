"""The whole way: records on real Kafka, seen in the view and in its freshness."""

import asyncio

from dualbus_cli.topics import create_topics
from dualbus_events.outbox import OutboxMessage
from dualbus_kit.ids import new_id
from ods_svc.service import ods_service

from tests.harness import running
from tests.ods.ods_log import publish
from tests.ods.ods_samples import a_customer, an_order

VIEW = "/tmf-api/customer360/v4/customer360"


async def test_published_facts_reach_the_view_and_make_it_fresh(
    postgres_dsn: str, kafka_bootstrap: str
) -> None:
    await create_topics(kafka_bootstrap)
    customer, order = new_id(), new_id()
    facts = [a_customer(customer)]
    facts += [an_order(order, customer, version=version) for version in (1, 2, 3)]
    async with running(
        ods_service(),
        postgres_dsn,
        roles=("api", "consumer"),
        kafka=kafka_bootstrap,
        settings={"consistency_seconds": 25.0},
    ) as ods:
        broken = an_order(new_id(), customer)
        headless = OutboxMessage(
            broken.event_id, broken.topic, broken.key, "x", 1, b"{}", b"no json \xff"
        )

        await publish(kafka_bootstrap, [headless, *facts])
        token = {"X-Consistency-Token": f"customer:{customer}@1,productOrder:{order}@3"}
        view = await ods.client.get(f"{VIEW}/{customer}", headers=token)
        while None in [part["asOf"] for part in view.json()["freshness"].values()]:
            await asyncio.sleep(0.1)
            view = await ods.client.get(f"{VIEW}/{customer}")
        parked = await ods.database.pool.fetchval("SELECT count(*) FROM parked_key")

    assert [one["id"] for one in view.json()["productOrder"]] == [order]
    assert parked == 1
