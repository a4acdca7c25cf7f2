"""`/ops/parked`: an operator lists parked keys, has them handled again, or skips a message."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from dualbus_events.batches import BatchApplier, ConsumerSpec
from dualbus_events.broker import ReceivedRecord
from dualbus_events.outbox import task_message
from dualbus_events.service import ServiceSpec
from sqlalchemy import MetaData

from tests.events.gadgets import CREATE_TABLES, TASKS, handlers
from tests.harness import Harness, a_task, record_of, running

SPEC = ServiceSpec(
    name="gadget",
    title="Gadgets",
    metadata=MetaData(),
    migrations=Path(__file__).parent / "no_migrations",
    routers=[],
    consumers=[ConsumerSpec("gadget-svc.test", 1, handlers)],
)


@pytest.fixture
async def gadgets(postgres_dsn: str) -> AsyncIterator[Harness]:
    async with running(SPEC, postgres_dsn) as harness:
        await harness.database.pool.execute(CREATE_TABLES)
        yield harness


def a_record(process: str, note: str) -> ReceivedRecord:
    return record_of(task_message("t", a_task("gadget.make", {"note": note}, process_id=process)))


async def park(gadgets: Harness, *records: ReceivedRecord) -> None:
    applier = BatchApplier(gadgets.database, SPEC.consumers[0])
    await applier.park(records, ValueError("bad\0luck"))


async def notes(gadgets: Harness) -> list[str]:
    return [row["note"] for row in await gadgets.database.pool.fetch("SELECT note FROM work")]


async def test_parked_keys_are_listed_with_reason_and_number_of_messages(gadgets: Harness) -> None:
    await park(gadgets, a_record("p1", "first"), a_record("p1", "second"))

    answer = await gadgets.client.get("/ops/parked")

    [shown] = answer.json()["parked"]
    assert shown.pop("parkedAt")
    assert shown == {
        "consumer": "gadget-svc.test",
        "topic": TASKS,
        "key": "p1",
        "reason": "bad\ufffdluck",
        "messages": 2,
    }


async def test_a_retried_key_is_handled_in_order_and_free_others_stay(gadgets: Harness) -> None:
    await park(gadgets, a_record("p1", "first"), a_record("p1", "second"))
    await park(gadgets, a_record("p2", "other"))

    answer = await gadgets.client.post("/ops/parked/retry", json={"topic": TASKS, "key": "p1"})

    assert answer.json() == {"retried": [{"topic": TASKS, "key": "p1", "free": True, "handled": 2}]}
    assert await notes(gadgets) == ["first", "second"]
    left = (await gadgets.client.get("/ops/parked")).json()["parked"]
    assert [one["key"] for one in left] == ["p2"]


async def test_a_key_that_fails_again_stays_and_does_not_hold_up_another(gadgets: Harness) -> None:
    broken = a_record("p1", "first")
    await park(gadgets, replace(broken, value=b"{"))
    await park(gadgets, a_record("p2", "other"))

    answer = await gadgets.client.post("/ops/parked/retry", json={})

    assert {one["key"]: one["free"] for one in answer.json()["retried"]} == {
        "p1": False,
        "p2": True,
    }
    assert await notes(gadgets) == ["other"]


async def test_skipping_drops_one_message_and_handles_what_stood_behind_it(
    gadgets: Harness,
) -> None:
    broken = a_record("p1", "first")
    await park(
        gadgets,
        replace(broken, value=b"{"),
        a_record("p1", "second"),
    )

    answer = await gadgets.client.post("/ops/parked/skip", json={"topic": TASKS, "key": "p1"})

    assert answer.json()["retried"][0] == {
        "topic": TASKS, "key": "p1", "free": True, "handled": 1,
    }  # fmt: skip
    assert await notes(gadgets) == ["second"]
    assert (await gadgets.client.get("/ops/parked")).json() == {"parked": []}


@pytest.mark.parametrize("action", ["retry", "skip"])
async def test_a_key_that_is_not_parked_is_not_found(gadgets: Harness, action: str) -> None:
    answer = await gadgets.client.post(f"/ops/parked/{action}", json={"key": "p9"})

    assert (answer.status_code, answer.json()["code"]) == (404, "nothingParked")
