"""`dualbus ods verify`: every way in which the ODS can differ from an owner, told apart."""

import asyncio
import importlib

import orjson
import pytest
from dualbus_cli.ods.run_verify import report_of
from dualbus_cli.ods.verify import Difference
from dualbus_events.catalogue import FACT_TOPICS
from dualbus_events.owned import owned_by
from dualbus_events.service import ServiceSpec

from tests.ods.ods_samples import a_fact
from tests.ods.owner_and_ods import TOPIC, owner_and_ods


async def test_what_was_delivered_is_equal_whatever_the_bytes_look_like(postgres_dsn: str) -> None:
    async with owner_and_ods(postgres_dsn) as pair:
        await pair.create(*(f"c{number:04}" for number in range(40)))
        await pair.relay()
        await pair.ods.database.pool.execute(
            "UPDATE fact SET body = convert_to(convert_from(body, 'UTF8')::jsonb::text, 'UTF8')"
        )

        verdict = await pair.verify()

    assert (verdict.documents, verdict.differences) == (40, [])


async def test_each_difference_is_told_with_its_cause(postgres_dsn: str) -> None:
    async with owner_and_ods(postgres_dsn) as pair:
        await pair.create("missing", "stale", "ahead", "other", "same")
        await pair.relay()
        gone = a_fact("customer", {"id": "deleted", "name": "x"}, version=2, event="DeleteEvent")
        await pair.ods.deliver(a_fact("customer", {"id": "extra", "name": "x"}), gone)
        pool = pair.ods.database.pool
        await pool.execute("DELETE FROM fact WHERE id = 'missing'")
        await pool.execute("UPDATE fact SET version = 0 WHERE id = 'stale'")
        await pool.execute("UPDATE fact SET version = 2 WHERE id = 'ahead'")
        await pool.execute(
            "UPDATE fact SET body = $1 WHERE id = 'other'", orjson.dumps({"id": "other"})
        )
        await pair.read_all()

        verdict = await pair.verify()

    assert set(verdict.settled) == {
        Difference("missing", "missing", 1, None, None),
        Difference("extra", "extra", None, 1, None),
        Difference("stale", "stale", 1, 0, None),
        Difference("ahead", "ahead", 1, 2, None),
        Difference("other", "other body", 1, 1, None),
    }
    assert report_of([verdict])["equal"] is False


async def test_what_is_under_way_is_no_difference(postgres_dsn: str) -> None:
    async with owner_and_ods(postgres_dsn) as pair:
        await pair.create("unread", "waits")
        rows = "DELETE FROM outbox WHERE key = 'unread'"
        await pair.owner.database.pool.execute(rows)

        verdict = await pair.verify()

    assert {one.id: one.where for one in verdict.differences} == {
        "unread": "unread",
        "waits": "outbox",
    }
    assert verdict.settled == []
    assert report_of([verdict])["equal"] is True


async def test_what_arrives_while_it_waits_is_equal(postgres_dsn: str) -> None:
    async with owner_and_ods(postgres_dsn) as pair:
        await pair.create("late")
        await pair.read_all()

        verifying = asyncio.create_task(pair.verify(wait_seconds=25))
        await asyncio.sleep(0.3)
        await pair.relay()
        verdict = await verifying

    assert verdict.differences == []


async def test_parked_message_is_named_as_the_reason(postgres_dsn: str) -> None:
    async with owner_and_ods(postgres_dsn) as pair:
        await pair.create("parked")
        await pair.owner.forget_published()
        await pair.ods.database.pool.execute(
            "INSERT INTO parked_key (consumer, topic, key, reason) VALUES (1, $1, 'parked', 'x')",
            TOPIC,
        )

        verdict = await pair.verify()

    assert verdict.settled == [Difference("parked", "missing", 1, None, "parked")]


async def test_a_topic_of_another_owner_is_404(postgres_dsn: str) -> None:
    async with owner_and_ods(postgres_dsn) as pair:
        answer = await pair.owner.client.get("/ops/facts/order.product.v1/ranges")

    assert (answer.status_code, answer.json()["code"]) == (404, "unknownFactTopic")


async def test_ranges_hold_every_id_once(postgres_dsn: str) -> None:
    async with owner_and_ods(postgres_dsn) as pair:
        await pair.create(*(f"c{number:04}" for number in range(25)), "0", "z~")

        url = f"/ops/facts/{TOPIC}"
        ranges = (await pair.owner.client.get(f"{url}/ranges?size=7")).json()["ranges"]
        sums = await pair.owner.client.post(f"{url}/checksums", json={"ranges": ranges})
        [whole] = (
            await pair.owner.client.post(f"{url}/checksums", json={"ranges": [{"low": ""}]})
        ).json()["checksums"]

    counts = [one["documents"] for one in sums.json()["checksums"]]
    assert counts == [7, 7, 7, 6]
    assert (ranges[0]["low"], ranges[-1]["high"]) == ("", None)
    assert whole["documents"] == 27


@pytest.mark.parametrize(
    "service", ["customer", "order", "provisioning", "billing", "assurance", "eai"]
)
def test_every_topic_of_a_service_has_its_table(service: str) -> None:
    spec: ServiceSpec = importlib.import_module(f"{service}_svc.service").SERVICE

    topics = owned_by(service, spec.metadata)

    assert set(topics) == {topic.name for topic in FACT_TOPICS if topic.owner == service}
