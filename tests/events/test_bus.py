"""From a commit to a handler: what holds on the fake broker holds on the real one."""

import asyncio
import random

import pytest
from dualbus_events.outbox import OutboxMessage, ReplyAddress, reply_message, task_message
from dualbus_events.participants import answer_tasks
from dualbus_events.tasks import done
from dualbus_events.unit_of_work import UnrecordedChange
from dualbus_kit.causation import Cause, caused_by
from dualbus_kit.errors import Superseded

from tests.events.bus import Bus
from tests.events.gadgets import GADGET, Gadget, Gadgets
from tests.harness import a_task


async def commit(bus: Bus, *gadgets: Gadget) -> None:
    async with bus.database.unit_of_work() as uow:
        uow.add(*gadgets)


async def count_up(bus: Bus, *ids: str) -> None:
    async with bus.database.unit_of_work() as uow:
        for gadget in await uow.load(Gadgets, ids):
            gadget.count_up()


async def send(bus: Bus, *messages: OutboxMessage) -> None:
    async with bus.database.unit_of_work() as uow:
        uow.send(*messages)


async def test_a_committed_event_reaches_a_handler_with_its_correlation_id(bus: Bus) -> None:
    await bus.start_relay()
    await bus.start_consumer()

    with caused_by(Cause(correlation_id="the-request")):
        await commit(bus, Gadget.new("a"))

    await bus.until("SELECT count(*) FROM seen", 1)
    [row] = await bus.rows("SELECT id, version, count, correlation_id FROM seen")
    assert tuple(row) == ("a", 1, 1, "the-request")


async def test_nothing_of_a_rolled_back_change_is_seen(bus: Bus) -> None:
    await bus.start_relay()
    await bus.start_consumer()

    async def change_and_fail() -> None:
        async with bus.database.unit_of_work() as uow:
            uow.add(Gadget.new("never"))
            await uow.flush()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await change_and_fail()

    await commit(bus, Gadget.new("after"))
    await bus.until("SELECT count(*) FROM seen", 1)
    assert [row["id"] for row in await bus.rows("SELECT id FROM seen")] == ["after"]


async def test_events_published_before_the_first_consumer_started_are_handled(bus: Bus) -> None:
    await bus.start_relay()
    await commit(bus, Gadget.new("early"))
    await bus.until("SELECT count(*) FROM outbox", 0)

    await bus.start_consumer()

    await bus.until("SELECT count(*) FROM seen", 1)


async def test_changes_of_one_key_are_seen_in_order_with_two_relays_and_two_consumers(
    bus: Bus,
) -> None:
    ids = [f"g{n}" for n in range(8)]
    await commit(bus, *(Gadget.new(id_) for id_ in ids))
    for _ in range(2):
        await bus.start_relay()
        await bus.start_consumer()

    async def writer(seed: int) -> None:
        chance = random.Random(seed)
        for _ in range(25):
            await count_up(bus, *sorted(chance.sample(ids, 2)))

    await asyncio.gather(*(writer(seed) for seed in range(6)))

    committed = sum(row["version"] for row in await bus.rows("SELECT version FROM gadget"))
    await bus.until("SELECT count(*) FROM seen", committed)
    for id_ in ids:
        rows = await bus.rows("SELECT version FROM seen WHERE id = $1 ORDER BY position", id_)
        assert [row["version"] for row in rows] == list(range(1, len(rows) + 1))


async def test_a_lost_race_is_superseded_and_stores_nothing(bus: Bus) -> None:
    await commit(bus, Gadget.new("a"))
    stale = Gadget(Gadget.new("a").document, version=1)
    await count_up(bus, "a")

    stale.count_up()
    with pytest.raises(Superseded):
        await commit(bus, stale)

    [row] = await bus.rows("SELECT version FROM gadget")
    assert row["version"] == 2
    assert len(await bus.rows("SELECT FROM outbox")) == 2


async def test_a_redelivered_event_is_handled_once(bus: Bus) -> None:
    await commit(bus, Gadget.new("a"))
    [row] = await bus.rows("SELECT * FROM outbox")
    again = OutboxMessage(
        row["event_id"], row["topic"], "a", row["event_type"], 1, row["headers"], row["payload"]
    )
    await send(bus, again, again)
    await commit(bus, Gadget.new("last"))

    await bus.start_relay()
    await bus.start_consumer()

    await bus.until("SELECT count(*) FROM seen WHERE id = 'last'", 1)
    await bus.until("SELECT count(*) FROM outbox", 0)
    await bus.until("SELECT count(*) FROM seen", 2)


async def test_a_message_that_cannot_be_handled_parks_its_key_and_the_others_go_on(
    bus: Bus,
) -> None:
    await commit(bus, Gadget.new("bad", note="poison"), Gadget.new("good"))
    await count_up(bus, "bad", "good")

    await bus.start_relay()
    await bus.start_consumer()

    await bus.until("SELECT count(*) FROM seen WHERE id = 'good'", 2)
    await bus.until("SELECT count(*) FROM parked_event", 2)
    [parked] = await bus.rows("SELECT * FROM parked_key")
    assert (parked["topic"], parked["key"]) == (GADGET.name, b"bad")
    assert "gadget bad is poison" in parked["reason"]


async def test_released_messages_are_handled_in_order_and_the_key_is_free_again(bus: Bus) -> None:
    await commit(bus, Gadget.new("bad", note="poison"))
    await count_up(bus, "bad")
    await bus.start_relay()
    consumer = await bus.start_consumer()
    await bus.until("SELECT count(*) FROM parked_event", 2)

    await bus.pool.execute(
        "UPDATE parked_event SET payload = convert_to("
        "replace(convert_from(payload, 'utf8'), 'poison', 'cured'), 'utf8')"
    )
    await bus.pool.execute("UPDATE gadget SET body = replace(body::text, 'poison', 'cured')::jsonb")
    released = await consumer.release((GADGET.name, b"bad"))
    await count_up(bus, "bad")

    assert released == 2
    await bus.until("SELECT count(*) FROM seen", 3)
    rows = await bus.rows("SELECT version FROM seen ORDER BY position")
    assert [row["version"] for row in rows] == [1, 2, 3]
    assert not await bus.rows("SELECT FROM parked_key")


@pytest.mark.parametrize("note", ["crash"])
async def test_an_unknown_fault_is_tried_three_times_and_then_parked(bus: Bus, note: str) -> None:
    await commit(bus, Gadget.new("odd", note=note), Gadget.new("good"))

    await bus.start_relay()
    await bus.start_consumer()

    await bus.until("SELECT count(*) FROM seen WHERE id = 'good'", 1)
    await bus.until("SELECT count(*) FROM parked_event", 1)


@pytest.mark.parametrize(
    ("headers", "payload"),
    [
        (b"{}", b'{"event": {"gadget": {"id": "bad"}}}'),
        (None, b"\xff\x00 not JSON"),
        (None, b"[1, 2]"),
        (None, b'{"event": {}}'),
    ],
    ids=["no headers", "no JSON", "not an object", "no resource"],
)
async def test_a_broken_body_stops_nobody_else(
    bus: Bus, headers: bytes | None, payload: bytes
) -> None:
    await commit(bus, Gadget.new("bad"))
    await bus.pool.execute(
        "UPDATE outbox SET payload = $1, headers = coalesce($2, headers)", payload, headers
    )
    await commit(bus, Gadget.new("good"))

    await bus.start_relay()
    await bus.start_consumer()

    await bus.until("SELECT count(*) FROM seen WHERE id = 'good'", 1)
    await bus.until("SELECT count(*) FROM parked_event", 1)


async def test_a_task_is_done_once_and_answered_each_time_it_arrives(bus: Bus) -> None:
    task = a_task("gadget.make", {"note": "x"}, reply_to="task-reply.test.v1")
    await bus.start_relay()
    await bus.start_consumer()

    await send(bus, task_message("test-svc", task))
    await bus.until("SELECT count(*) FROM answer WHERE outcome = 'done'", 1)
    await send(bus, task_message("test-svc", task))

    await bus.until("SELECT count(*) FROM answer WHERE outcome = 'done'", 2)
    assert len(await bus.rows("SELECT FROM work")) == 1


async def test_a_task_can_be_answered_later_but_only_once(bus: Bus) -> None:
    task = a_task("gadget.make", {"note": "later"}, reply_to="task-reply.test.v1")
    await send(bus, task_message("test-svc", task))
    await bus.start_relay()
    await bus.start_consumer()
    await bus.until("SELECT count(*) FROM work", 1)

    for _ in range(2):
        async with bus.database.unit_of_work() as uow:
            await answer_tasks(uow, {task.task_id: done({"late": True})})

    await bus.until("SELECT count(*) FROM answer", 1)
    await bus.until("SELECT count(*) FROM outbox", 0)


async def test_a_task_nobody_knows_is_answered_as_failed(bus: Bus) -> None:
    task = a_task("gadget.paint", {}, reply_to="task-reply.test.v1")
    await send(bus, task_message("test-svc", task))

    await bus.start_relay()
    await bus.start_consumer()

    await bus.until("SELECT outcome FROM answer", "failed")


async def test_a_reply_that_is_none_parks_its_process(bus: Bus) -> None:
    task = a_task("gadget.make", {}, reply_to="task-reply.test.v1")
    address = ReplyAddress(
        task.task_id, task.type, task.process_id, task.reply_to, None, task.cause
    )
    await send(bus, reply_message("test-svc", address, done()))
    await bus.pool.execute('UPDATE outbox SET payload = \'{"taskId": "x"}\'::bytea')

    await bus.start_relay()
    await bus.start_consumer()

    await bus.until("SELECT count(*) FROM parked_event", 1)


async def test_a_topic_that_does_not_exist_yet_holds_up_no_other(bus: Bus) -> None:
    await commit(bus, Gadget.new("a"))
    await bus.pool.execute("UPDATE outbox SET topic = 'test.unknown.v1'")
    await commit(bus, Gadget.new("good"))

    await bus.start_relay()
    await bus.start_consumer()

    await bus.until("SELECT count(*) FROM seen", 1)
    await bus.until("SELECT count(*) FROM outbox", 1)


async def test_a_change_that_was_not_recorded_is_refused_at_the_commit(bus: Bus) -> None:
    gadget = Gadget.new("a")
    gadget.document.count = 7

    with pytest.raises(UnrecordedChange, match="Gadget a"):
        await commit(bus, gadget)
