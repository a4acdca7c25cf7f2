"""The projection: any order, any number of times, in any batches, the same state."""

import asyncio
import random
from dataclasses import replace

import orjson
import pytest
from dualbus_events.messages import open_envelope
from dualbus_events.migrations.run import check
from dualbus_events.outbox import OutboxMessage
from dualbus_events.tasks import done, failed
from hypothesis import given, settings
from hypothesis import strategies as st
from ods_svc.projection.facts import newest, project_fact
from ods_svc.projection.resource_bytes import UnreadableFact, resource_in
from ods_svc.projection.track import joined, project_reply, project_task
from ods_svc.service import ods_service

from tests.harness import Harness, a_task, fresh_database, record_of, running, task_messages
from tests.ods.ods_samples import a_customer, a_fact, a_reply, an_order


def _a_life(id_: str) -> list[OutboxMessage]:
    """Five versions of a product, the last of them its deletion."""
    body = {"id": id_, "status": "active"}
    return [
        a_fact("product", {**body, "name": f"v{version}"}, version=version, customer="c1")
        for version in range(1, 5)
    ] + [a_fact("product", body, version=5, customer="c1", event="DeleteEvent")]


@settings(deadline=None)
@given(st.permutations(range(5)), st.lists(st.integers(0, 4), max_size=8))
def test_newest_fact_wins_in_any_order(order: list[int], again: list[int]) -> None:
    life = [project_fact(open_envelope(record_of(m)), "product") for m in _a_life("p1")]

    [kept] = newest([life[at] for at in [*order, *again]])

    assert (kept.version, kept.deleted) == (5, True)


@settings(deadline=None)
@given(st.permutations(range(5)), st.lists(st.integers(0, 4), max_size=5))
def test_track_of_a_task_is_the_same_in_any_order(order: list[int], again: list[int]) -> None:
    task = a_task("billing.start", {"item": {"id": "1"}}, process_id="o1", task_id="t1")
    replies = [a_reply(task, failed("down", "down")), a_reply(task, done()), a_reply(task, done())]
    steps = [project_task(open_envelope(record_of(m))) for m in task_messages(task, task)]
    steps += [project_reply(open_envelope(record_of(m))) for m in replies]

    [kept] = joined(steps[at] for at in [*order, *again])
    [expected] = joined(steps)

    assert kept[:7] == expected[:7]


def _two_lives() -> list[OutboxMessage]:
    """A product of five versions, the last its deletion, then created anew and changed once."""
    again = {"id": "p1", "status": "active", "name": "again"}
    second = [a_fact("product", again, version=n, at=10 + n, customer="c1") for n in (1, 2)]
    return [*_a_life("p1"), *second]


@pytest.mark.parametrize("first_batch", [0, 3, 5, 6])
async def test_resource_created_anew_is_kept_however_its_events_are_cut_into_batches(
    postgres_dsn: str, first_batch: int
) -> None:
    lives = _two_lives()
    async with running(ods_service(), postgres_dsn) as ods:
        for batch in (lives[:first_batch], lives[first_batch:], lives[3:6], lives):
            if batch:
                await ods.deliver(*batch)
        [fact] = await ods.database.pool.fetch("SELECT * FROM fact")

    assert (fact["version"], fact["deleted"], fact["event_type"]) == (
        2,
        False,
        "ProductAttributeValueChangeEvent",
    )


async def test_event_of_a_former_life_does_not_come_back(postgres_dsn: str) -> None:
    lives = _two_lives()
    async with running(ods_service(), postgres_dsn) as ods:
        await ods.deliver(*lives)
        await ods.deliver(lives[3])
        [fact] = await ods.database.pool.fetch("SELECT version, body FROM fact")

    assert (fact["version"], orjson.loads(fact["body"])["name"]) == (2, "again")


async def _state(ods: Harness) -> list[list[tuple[object, ...]]]:
    queries = (
        "SELECT resource, id, version, event_type, event_time, deleted, customer_id, "
        "other_customer_ids, party_id, state, body, life_since FROM fact ORDER BY 1, 2",
        "SELECT * FROM timeline ORDER BY event_id, customer_id",
        "SELECT * FROM track ORDER BY 1, 2",
    )
    return [[tuple(row) for row in await ods.database.pool.fetch(query)] for query in queries]


def _a_day() -> list[OutboxMessage]:
    parties = [{"id": id_, "role": "customer"} for id_ in ("c1", "c2", "c3")]
    tasks = [
        a_task("billing.start", {"item": {"id": str(item)}}, process_id="o1") for item in range(5)
    ]
    return [
        *(a_customer("c1", version=version, name=f"n{version}") for version in range(1, 4)),
        *(an_order("o1", "c1", version=version) for version in range(1, 6)),
        *_a_life("p1"),
        *(
            a_fact("troubleTicket", {"id": "t1", "relatedParty": parties[:count]}, version=count)
            for count in (1, 2, 3)
        ),
        *task_messages(*tasks),
        *(a_reply(task, failed("down", "busy")) for task in tasks[:2]),
        *(a_reply(task, done()) for task in tasks),
    ]


@pytest.mark.parametrize("seed", range(3))
async def test_redelivered_and_shuffled_batches_leave_the_same_state(
    postgres_dsn: str, seed: int
) -> None:
    chance = random.Random(seed)
    day = _a_day()
    async with (
        running(ods_service(), postgres_dsn) as once,
        running(ods_service(), postgres_dsn) as often,
    ):
        await once.deliver(*day)
        for _ in range(6):
            await often.deliver(*chance.sample(day, k=chance.randint(1, len(day))))
        rest = chance.sample(day, k=len(day))
        await often.deliver(*rest[:9])
        await often.deliver(*rest[9:])

        states = await _state(once), await _state(often)

    assert states[0] == states[1]


async def test_two_processes_that_apply_the_same_keys_at_once_agree(postgres_dsn: str) -> None:
    day = _a_day()
    async with running(ods_service(), postgres_dsn) as ods:
        batches = [random.Random(seed).sample(day, k=len(day)) for seed in range(8)]

        await asyncio.gather(*(ods.deliver(*batch) for batch in batches))
        facts, timeline, track = await _state(ods)

    assert [(row[0], row[2]) for row in facts] == [
        ("customer", 3),
        ("product", 5),
        ("productOrder", 5),
        ("troubleTicket", 3),
    ]
    assert len(timeline) == 3 + 5 + 5 + 6
    assert [row[6] for row in track] == ["done"] * 5


async def test_event_without_its_resource_is_refused(postgres_dsn: str) -> None:
    async with running(ods_service(), postgres_dsn) as ods:
        broken = replace(an_order("o1", "c1"), payload=b'{"event":{"productOrder":')

        with pytest.raises(UnreadableFact):
            await ods.deliver(broken)


@pytest.mark.parametrize(
    "notification",
    [
        b'{"eventId":"1","event":{"productOrder":{"id":"1","note":"}}"}}}',
        b'{"event":{"productOrder":{"id":"1","note":"}}"}},"eventId":"1"}',
        b'{ "event": {"productOrder": {"id": "1", "note": "}}"} } }',
        b'{"a":{"event":{"productOrder":{"x":1}}},"event":{"productOrder":{"id":"1","note":"}}"}}}',
        b'{"correlationId":"\\"event\\":{\\"productOrder\\":{","event":{"productOrder":'
        b'{"id":"1","note":"}}"}}}',
    ],
)
def test_resource_is_cut_out_however_the_notification_is_written(notification: bytes) -> None:
    body, parsed = resource_in(notification, "productOrder")

    assert orjson.loads(body) == parsed == {"id": "1", "note": "}}"}


@pytest.mark.parametrize(
    "notification",
    [b"", b"[]", b"{", b'{"event":{}}', b'{"event":{"productOrder":[]}}', b'{"event":null}'],
)
def test_notification_without_the_resource_is_refused(notification: bytes) -> None:
    with pytest.raises(UnreadableFact):
        resource_in(notification, "productOrder")


async def test_migrated_tables_are_those_of_the_code(postgres_dsn: str) -> None:
    spec = ods_service()
    dsn = await fresh_database(postgres_dsn, spec)

    await asyncio.to_thread(check, dsn, spec.migrations, spec.metadata)
