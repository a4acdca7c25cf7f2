"""`/ops/parked`: an operator looks at what is parked, repairs it, and all of it is written down."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import orjson
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


async def parked_events(gadgets: Harness, **query: str) -> list[dict[str, Any]]:
    answer = await gadgets.client.get("/ops/parked/event", params=query)
    events: list[dict[str, Any]] = answer.json()["event"]
    return events


async def audit(gadgets: Harness) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = (await gadgets.client.get("/ops/audit")).json()["audit"]
    return entries


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
    await park(gadgets, broken._replace(value=b"{"))
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
        broken._replace(value=b"{"),
        a_record("p1", "second"),
    )

    answer = await gadgets.client.post("/ops/parked/skip", json={"topic": TASKS, "key": "p1"})

    assert answer.json()["retried"][0] == {
        "topic": TASKS, "key": "p1", "free": True, "handled": 1,
    }  # fmt: skip
    assert await notes(gadgets) == ["second"]
    assert (await gadgets.client.get("/ops/parked")).json() == {"parked": []}


async def test_a_parked_message_is_shown_with_its_error_headers_and_value(
    gadgets: Harness,
) -> None:
    record = a_record("p1", "first")
    await park(gadgets, record)

    [shown] = await parked_events(gadgets, key="p1")

    assert shown["position"] == f"{TASKS}/{record.partition}/{record.offset}"
    assert shown["eventId"] == shown["headers"]["ce_id"]
    assert (shown["errorClass"], shown["error"]) == ("ValueError", "bad\ufffdluck")
    assert shown["value"]["payload"] == {"note": "first"}
    assert await parked_events(gadgets, event=shown["eventId"]) == [shown]
    assert await parked_events(gadgets, event=shown["position"]) == [shown]


async def test_a_message_in_the_middle_is_skipped_by_its_place_and_kept_in_the_audit_log(
    gadgets: Harness,
) -> None:
    await park(gadgets, *(a_record("p1", note) for note in ("first", "second", "third")))
    middle = (await parked_events(gadgets))[1]

    await gadgets.client.post(
        "/ops/parked/skip", json={"event": middle["position"]}, headers={"X-Operator": "ann@desk"}
    )

    assert await notes(gadgets) == ["first", "third"]
    retried, skipped = await audit(gadgets)
    assert (skipped["operator"], skipped["action"]) == ("ann@desk", "parked.skip")
    assert skipped["subject"] == middle["position"]
    assert skipped["before"] == {"headers": middle["headers"], "value": middle["value"]}
    assert (retried["action"], retried["after"]) == ("parked.retry", {"free": True, "handled": 2})


async def test_an_edited_message_keeps_its_place_and_is_handled_once_released(
    gadgets: Harness,
) -> None:
    await park(gadgets, a_record("p1", "x")._replace(value=b"{"), a_record("p1", "second"))
    broken = (await parked_events(gadgets))[0]
    repaired = orjson.loads(a_task("gadget.make", {"note": "repaired"}, process_id="p1").body())

    edited = await gadgets.client.post(
        "/ops/parked/edit", json={"event": broken["eventId"], "value": repaired}
    )

    assert edited.json() == {"edited": [broken["position"]]}
    assert await notes(gadgets) == []
    await gadgets.client.post("/ops/parked/retry", json={})
    assert await notes(gadgets) == ["repaired", "second"]
    entry = (await audit(gadgets))[1]
    assert (entry["action"], entry["before"]["value"]) == ("parked.edit", "{")
    assert entry["after"]["value"]["payload"] == {"note": "repaired"}


async def test_headers_that_could_not_be_read_are_repaired_by_an_edit(gadgets: Harness) -> None:
    record = a_record("p1", "first")
    await park(gadgets, record._replace(headers=[("ce_type", b"\xff")]))
    [broken] = await parked_events(gadgets)
    headers = {name: value.decode() for name, value in record.headers}

    await gadgets.client.post(
        "/ops/parked/edit",
        json={"event": broken["position"], "headers": headers, "value": broken["value"]},
    )
    await gadgets.client.post("/ops/parked/retry", json={})

    assert broken["eventId"] is None
    assert await notes(gadgets) == ["first"]


async def test_a_failed_action_is_in_the_audit_log_with_its_error(gadgets: Harness) -> None:
    await park(gadgets, a_record("p1", "first")._replace(value=b"{"))

    await gadgets.client.post("/ops/parked/retry", json={"key": "p1"})

    [entry] = await audit(gadgets)
    assert entry["subject"] == f"{TASKS} p1"
    assert entry["after"]["free"] is False
    assert "not JSON" in entry["after"]["reason"]


async def test_what_names_no_message_is_refused(gadgets: Harness) -> None:
    odd = await gadgets.client.post("/ops/parked/edit", json={"event": "odd", "value": 1})
    gone = await gadgets.client.post("/ops/parked/edit", json={"event": "t/0/1", "value": 1})

    assert (odd.status_code, odd.json()["code"]) == (400, "notAnEvent")
    assert (gone.status_code, gone.json()["code"]) == (404, "nothingParked")
    assert await audit(gadgets) == []


@pytest.mark.parametrize("action", ["retry", "skip"])
async def test_a_key_that_is_not_parked_is_not_found(gadgets: Harness, action: str) -> None:
    answer = await gadgets.client.post(f"/ops/parked/{action}", json={"key": "p9"})

    assert (answer.status_code, answer.json()["code"]) == (404, "nothingParked")


async def test_a_stopped_consumer_is_shown_with_its_reason_and_resumed_by_name(
    gadgets: Harness,
) -> None:
    await gadgets.database.pool.execute(
        "INSERT INTO consumer_stopped VALUES (1, gen_random_uuid(), 'all failed')"
    )

    [shown] = (await gadgets.client.get("/ops/consumer")).json()["consumer"]
    resumed = await gadgets.client.post("/ops/consumer/gadget-svc.test/resume")
    again = await gadgets.client.post("/ops/consumer/gadget-svc.test/resume")

    assert (shown["group"], shown["stopped"]["reason"]) == ("gadget-svc.test", "all failed")
    assert resumed.json() == {"resumed": "gadget-svc.test"}
    assert (again.status_code, again.json()["code"]) == (404, "nothingStopped")
    [entry] = await audit(gadgets)
    assert (entry["action"], entry["before"]["reason"]) == ("consumer.resume", "all failed")
