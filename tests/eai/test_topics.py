"""Topics that somebody posts: what may be in them, what goes with them, what is the owners' own."""

from typing import Any

import pytest
from dualbus_events.catalogue import FACT_TOPICS
from dualbus_events.contract.event import POSTED_EVENTS
from dualbus_kit.clock import utc_now
from dualbus_kit.ids import new_id
from eai_svc.event.retention import KEPT_MS, forget_old_events
from eai_svc.service import SERVICE as EAI

from tests.eai.hub_world import HUB
from tests.harness import Harness, fresh_database, running

TOPIC = "/tmf-api/event/v4/topic"
ORDERS = f"{TOPIC}/order.product-order.v1"
SOLD = {"eventType": "TicketSoldEvent", "event": {"ticket": {"id": "7", "seat": "A1"}}}


async def a_topic(service: Harness, **attributes: Any) -> str:
    """The path of a new topic."""
    answer = await service.client.post(TOPIC, json={"name": "Tickets", **attributes})
    assert answer.status_code == 201, answer.text
    return f"{TOPIC}/{answer.json()['id']}"


async def test_an_event_is_kept_and_published_in_one_commit_whole_and_numbered(
    api: Harness,
) -> None:
    topic = await a_topic(api)

    answers = [await api.client.post(f"{topic}/event", json=SOLD) for _ in range(2)]

    published = await api.published(POSTED_EVENTS.name)
    assert [one.body for one in published] == [answer.json() for answer in answers]
    assert [one.version for one in published] == [1, 2]
    assert {one.key for one in published} == {topic.rpartition("/")[2]}
    first = published[0]
    assert (first.headers["ce_id"], first.type) == (first.body["id"], "TicketSoldEvent")
    assert first.body.items() >= SOLD.items()
    assert (await api.client.get(first.body["href"])).json() == first.body


async def test_a_repeated_post_publishes_once(api: Harness) -> None:
    topic = await a_topic(api)
    headers = {"Idempotency-Key": "sold-7"}

    for _ in range(2):
        await api.client.post(f"{topic}/event", json=SOLD, headers=headers)

    assert len(await api.published(POSTED_EVENTS.name)) == 1
    assert (await api.client.get(f"{topic}/event")).headers["X-Total-Count"] == "1"


async def test_what_the_sender_calls_its_event_stays_and_the_id_is_ours(api: Harness) -> None:
    topic = await a_topic(api)
    sent = {**SOLD, "eventId": "sale 7", "id": "mine", "href": "mine", "topicId": "other"}

    event = (await api.client.post(f"{topic}/event", json=sent)).json()

    assert event["eventId"] == "sale 7"
    assert event["topicId"] == topic.rpartition("/")[2]
    assert event["href"] == f"http://test{topic}/event/{event['id']}"


async def test_an_event_that_the_queries_of_its_topic_exclude_is_refused(api: Harness) -> None:
    topic = await a_topic(
        api, headerQuery="domain=tickets&eventType=TicketSoldEvent", contentQuery="ticket.seat=A1"
    )
    belongs = {**SOLD, "domain": "tickets"}
    others: list[dict[str, Any]] = [
        SOLD,
        {**belongs, "eventType": "TicketLostEvent"},
        {**belongs, "event": {"ticket": {"seat": "B2"}}},
        {**belongs, "event": None},
    ]

    taken = await api.client.post(f"{topic}/event", json=belongs)
    refused = [await api.client.post(f"{topic}/event", json=other) for other in others]

    assert taken.status_code == 201
    assert {(one.status_code, one.json()["code"]) for one in refused} == {(400, "eventNotOfTopic")}
    assert [one.version for one in await api.published(POSTED_EVENTS.name)] == [1]


@pytest.mark.parametrize("name", ["headerQuery", "contentQuery"])
async def test_a_topic_with_a_query_that_nobody_can_read_is_refused(
    api: Harness, name: str
) -> None:
    answer = await api.client.post(TOPIC, json={name: "no query"})

    assert (answer.status_code, answer.json()["code"]) == (400, "invalidFilter")


@pytest.mark.parametrize("event_type", ["", "../up", "Sold?", "Verk\u00e4ufe", "x" * 101])
async def test_a_type_that_no_callback_can_be_posted_to_is_refused(
    api: Harness, event_type: str
) -> None:
    topic = await a_topic(api)

    answer = await api.client.post(f"{topic}/event", json={"eventType": event_type})

    assert answer.status_code == 400
    assert "eventType" in answer.json()["message"]


async def test_only_owners_state_the_facts_of_their_topics_and_these_stay(api: Harness) -> None:
    answers = [
        await api.client.post(f"{ORDERS}/event", json=SOLD),
        await api.client.delete(ORDERS),
    ]

    assert {(one.status_code, one.json()["code"]) for one in answers} == {(409, "topicHasOwner")}
    assert (await api.client.get(ORDERS)).status_code == 200
    assert await api.published(POSTED_EVENTS.name) == []


async def test_with_a_topic_go_its_hubs_and_events(api: Harness) -> None:
    topic, other = await a_topic(api), await a_topic(api)
    for path in (f"{topic}/hub", f"{other}/hub", HUB):
        await api.client.post(path, json={"callback": "https://a.example"})
    for path in (topic, other):
        await api.client.post(f"{path}/event", json=SOLD)

    deleted = await api.client.delete(topic)

    assert deleted.status_code == 204
    for gone in (topic, f"{topic}/event", f"{topic}/hub"):
        assert (await api.client.get(gone)).status_code == 404
    assert (await api.client.post(f"{topic}/event", json=SOLD)).status_code == 404
    assert (
        await api.client.post(f"{topic}/hub", json={"callback": "https://a.example"})
    ).status_code == 404
    forgotten = await api.published("eai.hub.v1", event_type="HubDeleteEvent")
    assert [one.body["event"]["hub"]["api"] for one in forgotten] == [topic]
    assert len(await api.published("eai.topic.v1", event_type="TopicDeleteEvent")) == 1
    assert len((await api.client.get(f"{other}/event")).json()) == 1


async def test_events_are_kept_as_long_as_kafka_keeps_them(api: Harness) -> None:
    topic = await a_topic(api)
    await api.client.post(f"{topic}/event", json=SOLD)
    pool, now_ms = api.database.pool, int(utc_now().timestamp() * 1000)

    early = await forget_old_events(pool, now_ms=now_ms + KEPT_MS - 600_000)
    late = await forget_old_events(pool, now_ms=now_ms + KEPT_MS + 600_000)

    assert (early, late) == (0, 1)
    assert (await api.client.get(f"{topic}/event")).json() == []


async def test_topics_of_the_catalogue_are_stored_once_and_kept_up_to_date(
    postgres_dsn: str,
) -> None:
    database = await fresh_database(postgres_dsn, EAI)
    async with running(EAI, postgres_dsn, database=database) as first:
        created = await first.published("eai.topic.v1")
        await first.database.pool.execute(
            "UPDATE topic SET body = jsonb_set(body, '{name}', '\"of yesterday\"') WHERE id = $1",
            "order.product-order.v1",
        )
    async with running(EAI, postgres_dsn, database=database) as second:
        later = (await second.published("eai.topic.v1"))[len(created) :]
        name = (await second.client.get(ORDERS)).json()["name"]

    assert {one.key for one in created} == {topic.name for topic in FACT_TOPICS}
    assert [one.type for one in later] == ["TopicChangeEvent"]
    assert later[0].key == "order.product-order.v1"
    assert name == "ProductOrder events of order-svc"


async def test_a_topic_that_is_unknown_is_404_for_everything_in_it(api: Harness) -> None:
    topic = f"{TOPIC}/{new_id()}"

    answers = [
        await api.client.get(f"{topic}/event"),
        await api.client.post(f"{topic}/event", json=SOLD),
        await api.client.get(f"{topic}/event/{new_id()}"),
        await api.client.delete(topic),
    ]

    assert [answer.status_code for answer in answers] == [404] * 4
