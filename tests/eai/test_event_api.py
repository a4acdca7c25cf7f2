"""TMF688: the topics of the catalogue, their events as they were published, hubs on one."""

from dualbus_events.catalogue import FACT_TOPICS
from dualbus_kit.ids import new_id

from tests.eai.hub_world import SECONDS, eai, versions
from tests.eai.publishing import publish
from tests.eai.receiver import Receiver
from tests.harness import Harness
from tests.ods.ods_samples import a_customer, an_order
from tests.waiting import eventually

TOPIC = "/tmf-api/event/v4/topic"
ORDERS = f"{TOPIC}/order.product-order.v1"
UNKNOWN = "3z06z842-763z4z2z-80z1-875zz14z6zz4"


async def test_topics_are_those_of_the_catalogue(api: Harness) -> None:
    listed = await api.client.get(TOPIC)
    billing = await api.client.get(TOPIC, params={"headerQuery": "domain=billing", "limit": 1})
    one = await api.client.get(ORDERS)

    assert {topic["id"] for topic in listed.json()} == {topic.name for topic in FACT_TOPICS}
    assert (billing.status_code, len(billing.json())) == (206, 1)
    assert one.json() in listed.json()
    assert one.json()["href"] == f"http://test{ORDERS}"


async def test_what_is_not_there_is_404_and_what_is_not_offered_400(api: Harness) -> None:
    missing = [
        await api.client.get(f"{TOPIC}/{UNKNOWN}"),
        await api.client.get(f"{TOPIC}/{UNKNOWN}/event"),
        await api.client.get(f"{TOPIC}/{UNKNOWN}/hub"),
        await api.client.post(f"{TOPIC}/{UNKNOWN}/hub", json={"callback": "http://a.example"}),
        await api.client.get(f"{ORDERS}/event/{UNKNOWN}"),
        await api.client.get(f"{ORDERS}/hub/{UNKNOWN}"),
        await api.client.delete(f"{ORDERS}/hub/{UNKNOWN}"),
    ]
    refused = [
        await api.client.get(f"{ORDERS}/event", params={"sort": "eventTime"}),
        await api.client.get(f"{ORDERS}/event", params={"eventType.regex": "(a+)+"}),
    ]

    assert [answer.status_code for answer in missing] == [404] * len(missing)
    assert [answer.status_code for answer in refused] == [400, 400]


async def test_while_kafka_is_away_events_are_unavailable(api: Harness) -> None:
    answer = await api.client.get(f"{ORDERS}/event")

    assert (answer.status_code, answer.json()["code"]) == (503, "logUnavailable")


async def test_events_are_listed_and_found_as_they_were_published_and_a_topic_has_hubs(
    postgres_dsn: str, kafka: str, receiver: Receiver
) -> None:
    async with eai(postgres_dsn, kafka) as service:
        registered = await service.client.post(f"{ORDERS}/hub", json={"callback": receiver.url})
        order, customer = new_id(), new_id()
        sent = [an_order(order, customer, version=v) for v in (1, 2)]
        await publish(kafka, [a_customer(customer), *sent])

        listed = await service.client.get(
            f"{ORDERS}/event", params={"event.productOrder.id": order, "limit": 1}
        )
        found = await service.client.get(f"{ORDERS}/event/{sent[0].event_id}")
        elsewhere = await service.client.get(
            f"{TOPIC}/customer.customer.v1/event/{sent[0].event_id}"
        )

        assert registered.status_code == 201
        assert (listed.status_code, listed.headers["X-Total-Count"]) == (206, "2")
        assert listed.content == b"[" + sent[1].payload + b"]"
        assert found.content == sent[0].payload
        assert elsewhere.status_code == 404

        async def arrived() -> object:
            return versions(receiver.accepted_of(order, customer))

        await eventually(arrived, {order: [1, 2]}, seconds=SECONDS)
        hub = registered.json()
        assert [one["id"] for one in (await service.client.get(f"{ORDERS}/hub")).json()] == [
            hub["id"]
        ]
        assert (await service.client.get("/tmf-api/event/v4/hub")).json() == []
        assert (await service.client.delete(f"{ORDERS}/hub/{hub['id']}")).status_code == 204
