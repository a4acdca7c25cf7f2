"""One event, two doors: what Kafka has, a webhook gets, signed, in order, whatever happens."""

from typing import Any

from customer_svc.service import SERVICE as CUSTOMER
from dualbus_kit.ids import new_id
from eai_svc.service import SERVICE as EAI

from tests.eai.hub_world import SECONDS, eai, register, seen, state_of, versions
from tests.eai.publishing import publish, read_on_kafka
from tests.eai.receiver import Receiver
from tests.harness import Harness, fresh_database, running
from tests.ods.ods_samples import an_order
from tests.waiting import eventually


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
        await eventually(lambda: state_of(first, hub), "retrying", seconds=SECONDS)
    receiver.answer = lambda _: 201
    async with eai(postgres_dsn, kafka, database=database) as second:
        await publish(kafka, [an_order(o, "c-1", version=3) for o in orders])

        async def arrived() -> dict[str, list[int]]:
            return versions(receiver.accepted_of(*orders))

        await eventually(arrived, {order: [1, 2, 3] for order in orders}, seconds=SECONDS)
        assert (await seen(second, hub))["failure"]["consecutive"] == 0


async def test_what_happens_right_after_the_registration_is_not_missed(
    postgres_dsn: str, kafka: str, receiver: Receiver
) -> None:
    database, order = await fresh_database(postgres_dsn, EAI), new_id()
    # Nobody takes the registration up before the events are on the log.
    async with eai(postgres_dsn, kafka, database=database, roles=("api", "relay")) as early:
        hub = await register(early, receiver)
        await publish(kafka, [an_order(order, "c-1", version=v) for v in (1, 2, 3)])
    async with eai(postgres_dsn, kafka, database=database) as late:

        async def arrived() -> object:
            return versions(receiver.accepted_of(order))

        await eventually(arrived, {order: [1, 2, 3]}, seconds=SECONDS)

        async def lag() -> object:
            return (await seen(late, hub)).get("lag")

        nothing = {"records": 0, "waiting": 0, "parked": 0}
        await eventually(lag, nothing, seconds=SECONDS)


async def _paths(receiver: Receiver, key: str) -> list[str]:
    return [one.path for one in receiver.accepted_of(key)]


async def _code(harness: Harness, hub: dict[str, Any]) -> object:
    return (await seen(harness, hub)).get("code")
