"""What a subscriber does and sees: pause, resume, replay, parking; and nobody waits for another."""

import asyncio
from typing import Any

import httpx
import pytest
from dualbus_events.migrations.run import check
from dualbus_kit.ids import new_id
from eai_svc.service import SERVICE as EAI

from tests.eai.hub_world import HUB, SECONDS, eai, register, seen, state_of, versions
from tests.eai.publishing import publish
from tests.eai.receiver import Receiver, a_receiver
from tests.harness import Harness, fresh_database
from tests.ods.ods_samples import an_order
from tests.waiting import eventually


async def operate(harness: Harness, hub: dict[str, Any], what: str, **body: Any) -> httpx.Response:
    return await harness.client.post(f"/ops/hub/{hub['id']}/{what}", json=body)


async def test_a_refused_event_is_parked_with_its_key_and_released_in_order(
    service: Harness, receiver: Receiver, kafka: str
) -> None:
    unlucky, lucky = new_id(), new_id()
    receiver.answer = lambda posted: 422 if posted.key == unlucky else 201
    hub = await register(service, receiver)

    async def parked() -> object:
        return (await seen(service, hub)).get("lag", {}).get("parked")

    await publish(kafka, [an_order(unlucky, "c-1"), an_order(lucky, "c-1")])
    await eventually(parked, 1, seconds=SECONDS)
    # Behind what is parked, and before what is not.
    await publish(kafka, [an_order(o, "c-1", version=2) for o in (unlucky, lucky)])
    await eventually(parked, 2, seconds=SECONDS)

    async def arrived() -> object:
        return versions(receiver.accepted_of(lucky, unlucky))

    await eventually(arrived, {lucky: [1, 2]}, seconds=SECONDS)
    shown = await seen(service, hub)
    assert (shown["state"], shown["failure"]["parkedFor"]) == ("active", "answered 422")
    assert versions([one for one in receiver.posted if one.key == unlucky])[unlucky] == [1, 1, 1]

    receiver.answer = lambda _: 201
    assert (await operate(service, hub, "resume")).status_code == 200

    await eventually(arrived, {lucky: [1, 2], unlucky: [1, 2]}, seconds=SECONDS)
    await eventually(parked, 0, seconds=SECONDS)


async def test_a_paused_subscriber_gets_everything_once_it_is_resumed(
    service: Harness, receiver: Receiver, kafka: str
) -> None:
    hub, order = await register(service, receiver), new_id()
    await eventually(lambda: state_of(service, hub), "active", seconds=SECONDS)
    paused = await operate(service, hub, "pause")
    assert (paused.status_code, paused.json()["state"]) == (200, "paused")
    async with a_receiver() as other:
        await register(service, other)
        await publish(kafka, [an_order(order, "c-1", version=v) for v in (1, 2)])

        async def by_other() -> object:
            return versions(other.accepted_of(order))

        await eventually(by_other, {order: [1, 2]}, seconds=SECONDS)
    assert receiver.accepted_of(order) == []

    await operate(service, hub, "resume")

    async def arrived() -> object:
        return versions(receiver.accepted_of(order))

    await eventually(arrived, {order: [1, 2]}, seconds=SECONDS)


async def test_a_replay_of_one_customer_goes_to_its_subscriber_alone(
    service: Harness, receiver: Receiver, kafka: str
) -> None:
    hub = await register(service, receiver, query="eventType=ProductOrderCreateEvent")
    mine, others, customer = new_id(), new_id(), new_id()
    async with a_receiver() as other:
        await register(service, other, query="eventType=ProductOrderCreateEvent")
        await publish(kafka, [an_order(mine, customer), an_order(others, "c-2")])
        both = {mine: [1], others: [1]}
        for one in (receiver, other):

            async def arrived(one: Receiver = one) -> object:
                return versions(one.accepted_of(mine, others))

            await eventually(arrived, both, seconds=SECONDS)

        replay = await operate(
            service, hub, "replay", **{"from": "2026-01-01T00:00:00Z", "customerId": customer}
        )

        assert replay.status_code == 202
        replayed = replay.json()["id"]

        async def again() -> object:
            return versions(receiver.accepted_of(mine, others))

        await eventually(again, {mine: [1, 1], others: [1]}, seconds=SECONDS)
        first, second = receiver.accepted_of(mine)
        assert (first.body, first.event_id) == (second.body, second.event_id)
        assert "x-dualbus-replay" not in first.headers
        assert second.headers["x-dualbus-replay"] == replayed

        async def states() -> object:
            return [
                (r["id"], r["state"], r["unread"]) for r in (await seen(service, hub))["replay"]
            ]

        await eventually(states, [(replayed, "read", 0)], seconds=SECONDS)
        assert versions(other.accepted_of(mine, others)) == both


async def test_a_silent_subscriber_slows_nobody_and_is_parked_in_the_end(
    postgres_dsn: str, kafka: str, receiver: Receiver
) -> None:
    async with eai(postgres_dsn, kafka, hub_silent_seconds=0.3) as service, a_receiver() as quick:
        receiver.answer = lambda _: 503
        silent, order = await register(service, receiver), new_id()
        await register(service, quick)
        await publish(kafka, [an_order(order, "c-1", version=v) for v in range(1, 6)])

        async def arrived() -> object:
            return versions(quick.accepted_of(order))

        await eventually(arrived, {order: [1, 2, 3, 4, 5]}, seconds=SECONDS)
        await eventually(lambda: state_of(service, silent), "parked", seconds=SECONDS)
        failure = (await seen(service, silent))["failure"]
        assert failure["lastError"] == "answered 503"

        receiver.answer = lambda _: 201
        await operate(service, silent, "resume")

        async def at_last() -> object:
            return versions(receiver.accepted_of(order))

        await eventually(at_last, {order: [1, 2, 3, 4, 5]}, seconds=SECONDS)


async def test_another_process_takes_over_where_the_first_one_stopped(
    postgres_dsn: str, kafka: str, receiver: Receiver
) -> None:
    database = await fresh_database(postgres_dsn, EAI)
    orders = [new_id() for _ in range(4)]

    async def arrived() -> object:
        return versions(receiver.accepted_of(*orders))

    async with eai(postgres_dsn, kafka, database=database) as second:
        async with eai(postgres_dsn, kafka, database=database) as first:
            await register(first, receiver)
            await publish(kafka, [an_order(o, "c-1", version=v) for v in (1, 2) for o in orders])
            await eventually(arrived, {order: [1, 2] for order in orders}, seconds=SECONDS)
        await publish(kafka, [an_order(o, "c-1", version=v) for v in (3, 4) for o in orders])
        await eventually(arrived, {order: [1, 2, 3, 4] for order in orders}, seconds=SECONDS)

        async def queued() -> object:
            return await second.database.pool.fetchval("SELECT count(*) FROM delivery")

        # What was answered leaves the queue a moment after its answer.
        await eventually(queued, 0, seconds=SECONDS)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"callback": "ftp://partner.example/x"},
        {"callback": "partner.example/x"},
        {"callback": "https://user:secret@partner.example/x"},
        {"callback": "https://partner.example/x?y=1"},
        {"callback": "https://partner.example:0/x"},
        {"callback": "https://partner.example:99999/x"},
        {"callback": "https:///x"},
        {"callback": 7},
        {"callback": "https://partner.example/x", "query": "no query"},
        {"callback": "https://partner.example/x", "query": "fields=id"},
    ],
)
async def test_what_nothing_can_be_posted_to_is_not_registered(
    api: Harness, body: dict[str, Any]
) -> None:
    answer = await api.client.post(HUB, json=body)

    assert (answer.status_code, "code" in answer.json()) == (400, True)


async def test_a_repeated_registration_is_one_and_its_key_is_stored_nowhere(api: Harness) -> None:
    headers = {"Idempotency-Key": "once"}
    body = {"callback": "https://partner.example/x"}

    first = await api.client.post(HUB, json=body, headers=headers)
    again = await api.client.post(HUB, json=body, headers=headers)

    assert (first.json(), again.json()["id"]) == (again.json(), first.json()["id"])
    assert len((await api.client.get(HUB)).json()) == 1
    key = first.json()["signingKey"]
    for table in ("hub", "outbox", "idempotency_key"):
        rows = await api.database.pool.fetch(f"SELECT t::text AS row FROM {table} t")
        assert not any(key in row["row"] for row in rows)
        stored = await api.database.pool.fetch(
            f"SELECT * FROM {table} t WHERE strpos(t::text, encode($1, 'hex')) > 0", key.encode()
        )
        assert stored == []


async def test_a_hub_is_listed_looked_up_and_deleted_at_its_api(api: Harness) -> None:
    callback = "https://partner.example/x"
    created = await api.client.post(HUB, json={"callback": callback, "query": "domain=order"})
    hub = created.json()
    found = await api.client.get(created.headers["location"])
    listed = await api.client.get(HUB, params={"callback": callback, "fields": "callback"})

    assert created.headers["location"] == hub["href"]
    assert found.json() == {name: hub[name] for name in hub if name != "signingKey"}
    assert listed.json() == [{"id": hub["id"], "href": hub["href"], "callback": callback}]
    assert listed.headers["X-Total-Count"] == "1"
    assert (await api.client.delete(f"{HUB}/{hub['id']}")).status_code == 204
    assert (await api.client.get(f"{HUB}/{hub['id']}")).status_code == 404
    assert (await api.client.delete(f"{HUB}/{hub['id']}")).status_code == 404
    assert (await api.client.get(HUB)).json() == []


async def test_nothing_is_done_to_a_subscription_that_is_not_there(api: Harness) -> None:
    answers = [
        await api.client.get("/ops/hub/unknown"),
        await api.client.post("/ops/hub/unknown/pause"),
        await api.client.post("/ops/hub/unknown/resume"),
        await api.client.post("/ops/hub/unknown/replay", json={"from": "2026-01-01T00:00:00Z"}),
        await api.client.get("/ops/hub/%00"),
    ]

    assert [answer.status_code for answer in answers] == [404] * 5
    assert {answer.json()["code"] for answer in answers} == {"subscriptionNotFound"}


async def test_the_migrated_tables_are_those_of_the_code(postgres_dsn: str) -> None:
    dsn = await fresh_database(postgres_dsn, EAI)

    await asyncio.to_thread(check, dsn, EAI.migrations, EAI.metadata)
