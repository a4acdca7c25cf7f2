"""One event, two doors: what Kafka has, a webhook gets, signed, in order, whatever happens."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from ipaddress import IPv4Network
from typing import Any

import pytest
from customer_svc.service import SERVICE as CUSTOMER
from dualbus_cli.topics import create_topics
from dualbus_kit.ids import new_id
from eai_svc.service import SERVICE as EAI

from tests.eai.publishing import publish, read_on_kafka
from tests.eai.receiver import Posted, Receiver, a_receiver
from tests.harness import Harness, fresh_database, running
from tests.ods.ods_samples import an_order
from tests.waiting import eventually

HUB = "/tmf-api/event/v4/hub"
SECONDS = 25.0
SETTINGS: dict[str, Any] = {
    "hub_allowed_networks": (IPv4Network("127.0.0.0/8"),),
    "hub_first_pause_seconds": 0.05,
    "hub_attempts": 3,
}


def eai(
    dsn: str, kafka: str, *, database: str | None = None, **settings: Any
) -> AbstractAsyncContextManager[Harness]:
    return running(
        EAI,
        dsn,
        kafka=kafka,
        roles=("api", "relay", "consumer"),
        settings={**SETTINGS, **settings},
        database=database,
    )


@pytest.fixture
async def kafka(kafka_bootstrap: str) -> str:
    await create_topics(kafka_bootstrap)
    return kafka_bootstrap


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with a_receiver() as started:
        yield started


@pytest.fixture
async def service(postgres_dsn: str, kafka: str) -> AsyncIterator[Harness]:
    async with eai(postgres_dsn, kafka) as started:
        yield started


async def register(harness: Harness, receiver: Receiver, **body: Any) -> dict[str, Any]:
    answer = await harness.client.post(HUB, json={"callback": f"{receiver.url}/tmf", **body})
    assert answer.status_code == 201, answer.text
    hub: dict[str, Any] = answer.json()
    return hub


async def seen(harness: Harness, hub: dict[str, Any]) -> dict[str, Any]:
    answer = await harness.client.get(f"/ops/hub/{hub['id']}")
    assert answer.status_code in (200, 404), answer.text
    body: dict[str, Any] = answer.json()
    return body


def versions(posted: Sequence[Posted]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for one in posted:
        found.setdefault(one.key, []).append(int(one.headers["ce-sequence"]))
    return found


async def test_a_webhook_gets_what_kafka_has_to_the_byte(
    service: Harness, receiver: Receiver, kafka: str
) -> None:
    hub = await register(service, receiver, query="eventType=ProductOrderAttributeValueChangeEvent")
    orders = [new_id() for _ in range(5)]
    await publish(kafka, [an_order(o, "c-1", version=v) for v in range(1, 8) for o in orders])

    async def arrived() -> int:
        return len(receiver.accepted_of(*orders))

    await eventually(arrived, 5 * 6, seconds=SECONDS)
    records = await read_on_kafka(kafka, "order.product-order.v1", orders)
    changes = [r for r in records if dict(r.headers)["ce_type"] != b"ProductOrderCreateEvent"]
    for order in orders:
        on_kafka = [r for r in changes if r.key == order.encode()]
        posted = receiver.accepted_of(order)
        assert [one.body for one in posted] == [r.value for r in on_kafka]
        for one, record in zip(posted, on_kafka, strict=True):
            assert one.path == "/tmf/listener/productOrderAttributeValueChangeEvent"
            assert one.signed_with(hub["signingKey"])
            assert {
                name.replace("ce_", "ce-"): value.decode() for name, value in record.headers
            }.items() <= one.headers.items()


async def test_an_event_of_any_service_reaches_who_registered_there(
    service: Harness, receiver: Receiver, postgres_dsn: str, kafka: str
) -> None:
    async with running(CUSTOMER, postgres_dsn, kafka=kafka, roles=("api", "relay")) as customer:
        api = "/tmf-api/party/v4"
        registered = await customer.client.post(
            f"{api}/hub", json={"callback": receiver.url, "query": None}
        )
        assert registered.status_code == 201
        person = await customer.client.post(
            f"{api}/individual", json={"givenName": "Ada", "familyName": "L."}
        )
        key = person.json()["id"]
        await eventually(
            lambda: _paths(receiver, key), ["/listener/individualCreateEvent"], seconds=SECONDS
        )
        hub = registered.json()
        assert receiver.accepted_of(key)[0].signed_with(hub["signingKey"])

        deleted = await customer.client.delete(f"{api}/hub/{hub['id']}")

        assert deleted.status_code == 204
        await eventually(lambda: _code(service, hub), "subscriptionNotFound", seconds=SECONDS)


async def test_nothing_is_lost_or_reordered_over_a_restart_and_a_silent_subscriber(
    postgres_dsn: str, kafka: str, receiver: Receiver
) -> None:
    receiver.answer = lambda _: 503
    orders = [new_id() for _ in range(3)]
    database = await fresh_database(postgres_dsn, EAI)
    async with eai(postgres_dsn, kafka, database=database) as first:
        hub = await register(first, receiver)
        await publish(kafka, [an_order(o, "c-1", version=v) for v in (1, 2) for o in orders])
        await eventually(lambda: _state(first, hub), "retrying", seconds=SECONDS)
    receiver.answer = lambda _: 201
    async with eai(postgres_dsn, kafka, database=database) as second:
        await publish(kafka, [an_order(o, "c-1", version=3) for o in orders])

        async def arrived() -> dict[str, list[int]]:
            return versions(receiver.accepted_of(*orders))

        await eventually(arrived, {order: [1, 2, 3] for order in orders}, seconds=SECONDS)
        assert (await seen(second, hub))["failure"]["consecutive"] == 0


async def _paths(receiver: Receiver, key: str) -> list[str]:
    return [one.path for one in receiver.accepted_of(key)]


async def _code(harness: Harness, hub: dict[str, Any]) -> object:
    return (await seen(harness, hub)).get("code")


async def _state(harness: Harness, hub: dict[str, Any]) -> object:
    return (await seen(harness, hub)).get("state")
