"""Somebody on call finds, understands, repairs and releases a poisoned order."""

import json
from pathlib import Path
from typing import Any

import orjson
import pytest
from dualbus_events.broker import ReceivedRecord, TopicPartition
from dualbus_events.log_spans import reading
from dualbus_kit.ids import new_id

from tests.chaos.clients import a_producer
from tests.e2e.channel import Channel, an_order
from tests.e2e.ledger import Ledger
from tests.e2e.poison import parked
from tests.e2e.running_system import CommandFailed, RunningSystem, eventually

pytestmark = [pytest.mark.stack, pytest.mark.chaos, pytest.mark.timeout(600)]

TASKS = "task.billing.v1"


def trace(system: RunningSystem, key: str) -> list[dict[str, Any]]:
    chain: list[dict[str, Any]] = system.dualbus_json("bus", "trace", key)["chain"]
    return chain


async def billing_task(system: RunningSystem, order_id: str) -> ReceivedRecord:
    """The first task of an order for billing, as it is in the log."""

    async def places() -> list[str]:
        try:
            chain = trace(system, order_id)
        except CommandFailed:  # nothing is published yet
            return []
        return [link["position"] for link in chain if link["type"] == "billing.open"]

    await eventually(lambda: _any(places()), True)
    topic, partition, offset = (await places())[0].split("/")
    async with reading(system.stack.bootstrap) as reader:
        place = TopicPartition(topic, int(partition))
        return (await reader.first_records({place: int(offset)}))[place]


async def _any(found: Any) -> bool:
    return bool(await found)


def with_new_id(record: ReceivedRecord) -> list[tuple[str, bytes]]:
    headers = dict(record.headers) | {"ce_id": new_id().encode()}
    return list(headers.items())


async def poison(system: RunningSystem, task: ReceivedRecord) -> None:
    """What a broken gateway might send: a task once more, without its deadline, then half of it."""
    body = orjson.loads(task.value)
    del body["deadline"]
    async with a_producer(system.stack.bootstrap) as producer:
        for value in (orjson.dumps(body), task.value[:40]):
            await producer.send_and_wait(TASKS, value, key=task.key, headers=with_new_id(task))


async def test_a_poisoned_order_is_found_understood_repaired_and_released(
    system: RunningSystem, channel: Channel, ledger: Ledger, tmp_path: Path
) -> None:
    customer = await channel.customer()
    await system.stop("billing")
    order = await channel.place(an_order(customer, "phone"))
    task = await billing_task(system, order["id"])
    await poison(system, task)
    await system.start()

    async def parked_at() -> object:
        return sorted(one["service"] for one in await parked(system) if one["key"] == order["id"])

    await eventually(parked_at, ["billing", "ods"])

    # Find it: nobody is behind, a key is parked, and it is this order's.
    groups = {one["group"]: one for one in system.dualbus_json("bus", "lag")["group"]}
    assert groups["billing-svc.task"]["members"] > 0
    assert system.dualbus_json("bus", "outbox")["outbox"]

    async def stuck() -> object:
        return {link["type"] for link in trace(system, order["id"]) if link["parked"]}

    # What the order needs next waits behind the two.
    await eventually(stuck, {"billing.open", "billing.start"}, seconds=180)

    # Understand it.
    events = system.dualbus_json("bus", "parked", "show", order["id"], "--service", "billing")
    without_deadline, half = events["event"][:2]
    assert "deadline" in without_deadline["error"]
    assert without_deadline["headers"]["ce_source"] == "/order-svc"

    # Repair the first message, and see that the second holds the key up still.
    repaired = tmp_path / "repaired.json"
    value = {**without_deadline["value"], "deadline": orjson.loads(task.value)["deadline"]}
    repaired.write_text(json.dumps({"value": value}))
    event_id = without_deadline["eventId"]
    system.dualbus("bus", "parked", "edit", event_id, "--file", str(repaired), "--yes")
    with pytest.raises(CommandFailed, match="not JSON"):
        system.dualbus("bus", "parked", "retry", order["id"], "--service", "billing")

    # Drop what can't be repaired: what stood behind it is handled.
    with pytest.raises(CommandFailed):
        system.dualbus("bus", "parked", "skip", half["eventId"])
    system.dualbus("bus", "parked", "skip", half["eventId"], "--yes")

    assert await parked_at() == []
    await ledger.until_ended([order], seconds=60)
    assert await ledger.findings([order]) == []
    entries = system.dualbus_json("bus", "audit", TASKS)["audit"]
    actions = {(entry["service"], entry["action"]) for entry in entries}
    assert actions >= {
        (service, f"parked.{action}")
        for service in ("billing", "ods")
        for action in ("edit", "retry", "skip")
    }
    assert all("@" in entry["operator"] for entry in entries)
