"""Cancelling, failing, fallout, and what an operator does about it."""

from typing import Any

from dualbus_events.tasks import TaskOutcome, failed, rejected
from order_svc.process.handlers import timers_fired
from order_svc.process.store import lock_processes, save_processes

from tests.harness import Harness, Published
from tests.order.order_world import (
    CANCELS,
    ORDERS,
    PRODUCTS,
    an_item,
    an_order,
    new_tasks,
    order_of,
    play,
    post,
    reply,
    types,
)


def failing(type_: str, outcome: TaskOutcome) -> Any:
    def answer(task: Published) -> TaskOutcome | None:
        return outcome if task.type == type_ else None

    return answer


async def test_cancelling_in_flight_undoes_everything_in_reverse(order_svc: Harness) -> None:
    order = await post(order_svc, ORDERS, an_order())
    for _ in range(2):
        await order_svc.deliver(*map(reply, await new_tasks(order_svc)))
    [activate] = await new_tasks(order_svc)

    body = {"productOrder": {"id": order["id"]}, "cancellationReason": "moved away"}
    cancellation = await post(order_svc, CANCELS, body)
    await order_svc.deliver(reply(activate))
    [undo] = await new_tasks(order_svc)
    await order_svc.deliver(reply(undo))
    seen = await play(order_svc)

    assert cancellation["state"] == "inProgress"
    assert undo.type == "provisioning.activate.undo"
    assert undo.body["payload"]["undoes"] == activate.body["taskId"]
    assert undo.body["payload"]["result"] == {}
    assert undo.body["payload"]["item"]["id"] == "1"
    assert seen == ["billing.open.undo", "customer.verify.undo"]
    order = await order_of(order_svc, order["id"])
    assert (order["state"], order["cancellationReason"]) == ("cancelled", "moved away")
    assert order["productOrderItem"][0]["state"] == "cancelled"
    done = (await order_svc.client.get(f"{CANCELS}/{cancellation['id']}")).json()
    assert done["state"] == "done"
    assert done["effectiveCancellationDate"]
    assert (await order_svc.client.get(PRODUCTS)).json() == []


async def test_cancelling_publishes_both_resources_for_the_customer(order_svc: Harness) -> None:
    order = await post(order_svc, ORDERS, an_order())
    await order_svc.forget_published()

    await post(order_svc, CANCELS, {"productOrder": {"id": order["id"]}})

    published = await order_svc.published()
    orders = [p for p in published if p.topic == "order.product-order.v1"]
    tasks = [p for p in published if p.topic == "order.cancel-product-order.v1"]
    states = [p.body["event"]["productOrder"]["state"] for p in orders]
    assert states == ["pending", "assessingCancellation", "pendingCancellation"]
    assert [p.body["event"]["cancelProductOrder"]["state"] for p in tasks] == [
        "acknowledged",
        "inProgress",
    ]
    assert {p.headers["ce_customerid"] for p in tasks} == {"c-1"}


async def test_cancelling_past_the_pivot_is_refused_and_the_order_goes_on(
    order_svc: Harness,
) -> None:
    order = await post(order_svc, ORDERS, an_order())
    for _ in range(3):
        await order_svc.deliver(*map(reply, await new_tasks(order_svc)))

    cancellation = await post(order_svc, CANCELS, {"productOrder": {"id": order["id"]}})
    during = await order_of(order_svc, order["id"])
    await play(order_svc)
    after = await order_of(order_svc, order["id"])

    assert cancellation["state"] == "terminatedWithError"
    assert cancellation["errorMessage"][0]["code"] == "pastPointOfNoReturn"
    assert (during["state"], after["state"]) == ("inProgress", "completed")


async def test_cancelling_a_final_or_unknown_order_or_twice_is_refused(order_svc: Harness) -> None:
    final = await post(order_svc, ORDERS, an_order())
    await play(order_svc)
    running = await post(order_svc, ORDERS, an_order())
    await post(order_svc, CANCELS, {"productOrder": {"id": running["id"]}})

    answers = [
        await order_svc.client.post(CANCELS, json={"productOrder": {"id": id_}})
        for id_ in (final["id"], "3z06z842", running["id"])
    ]
    nothing = await order_svc.client.post(CANCELS, json={})

    assert [a.status_code for a in answers] == [409, 404, 409]
    assert "completed" in answers[0].json()["detail"]
    assert "assessingCancellation" in answers[0].json()["detail"]
    assert nothing.status_code == 400
    assert "productOrder" in nothing.json()["detail"]


async def test_order_that_waits_for_a_person_is_cancelled_at_once(order_svc: Harness) -> None:
    order = await post(order_svc, ORDERS, {"productOrderItem": [{"id": "1", "action": "add"}]})

    cancellation = await post(order_svc, CANCELS, {"productOrder": {"id": order["id"]}})

    assert cancellation["state"] == "done"
    assert (await order_of(order_svc, order["id"]))["state"] == "cancelled"


async def test_refused_customer_fails_the_order_with_the_reason(order_svc: Harness) -> None:
    order = await post(order_svc, ORDERS, an_order(an_item("1"), an_item("2")))

    refusal = rejected("customerUnknown", "There is no customer c-1")
    seen = await play(order_svc, failing("customer.verify", refusal))

    assert seen == ["customer.verify"]
    order = await order_of(order_svc, order["id"])
    assert order["state"] == "failed"
    codes = [item["errorMessage"][0]["code"] for item in order["productOrderItem"]]
    assert codes == ["customerUnknown"] * 2


async def test_failed_activation_is_held_listed_and_completed_by_a_retry(
    order_svc: Harness,
) -> None:
    order = await post(order_svc, ORDERS, an_order())
    broken = failed("elementRefused", "Port is dead")
    await play(order_svc, failing("provisioning.activate", broken))
    held = await order_of(order_svc, order["id"])

    listed = (await order_svc.client.get("/ops/process?state=fallout")).json()
    retried = await order_svc.client.post(f"/ops/process/{order['id']}/retry")
    await play(order_svc)

    assert (held["state"], held["productOrderItem"][0]["state"]) == ("held", "held")
    assert held["productOrderItem"][0]["errorMessage"][0]["code"] == "elementRefused"
    assert listed["count"] == {"fallout": 1}
    assert listed["process"][0]["id"] == order["id"]
    assert listed["process"][0]["trouble"][0]["task"] == "1/provisioning.activate"
    assert retried.json()["state"] == "running"
    after = await order_of(order_svc, order["id"])
    assert after["state"] == "completed"
    assert "errorMessage" not in after["productOrderItem"][0]
    shown = (await order_svc.client.get(f"/ops/process/{order['id']}")).json()
    assert (shown["state"], shown["outcome"]) == ("ended", "completed")
    again = await order_svc.client.post(f"/ops/process/{order['id']}/retry")
    assert again.status_code == 409


async def test_abandoned_activation_is_compensated_and_noted(order_svc: Harness) -> None:
    order = await post(order_svc, ORDERS, an_order())
    broken = failed("elementRefused", "Port is dead")
    await play(order_svc, failing("provisioning.activate", broken))

    answer = await order_svc.client.post(f"/ops/process/{order['id']}/abandon")
    seen = await play(order_svc)

    assert answer.status_code == 200
    assert seen == ["provisioning.activate.undo", "billing.open.undo", "customer.verify.undo"]
    order = await order_of(order_svc, order["id"])
    assert order["state"] == "failed"
    assert "Port is dead" in order["note"][0]["text"]


async def test_unknown_process_is_404(order_svc: Harness) -> None:
    answers = [
        await order_svc.client.get("/ops/process/nope"),
        await order_svc.client.post("/ops/process/nope/retry"),
        await order_svc.client.post("/ops/process/nope/abandon"),
    ]

    assert [a.status_code for a in answers] == [404] * 3


async def test_overdue_task_is_sent_again_under_its_id_by_the_timer(order_svc: Harness) -> None:
    order = await post(order_svc, ORDERS, an_order())
    [first] = await new_tasks(order_svc)
    # The database's clock can't be moved, so the deadline is.
    async with order_svc.database.unit_of_work() as uow:
        locked = await lock_processes(uow.connection, [order["id"]])
        locked.processes[order["id"]].nodes["customer.verify"].due = 1.0
        save_processes(uow, list(locked.processes.values()))

    async with order_svc.database.unit_of_work() as uow:
        await timers_fired([order["id"]], uow)
    [second] = await new_tasks(order_svc)
    await order_svc.deliver(reply(first), reply(second))

    assert second.body["taskId"] == first.body["taskId"]
    assert second.headers["ce_correlationid"] == first.headers["ce_correlationid"]
    assert types(await new_tasks(order_svc)) == ["billing.open"]


async def test_timer_of_a_process_that_another_batch_holds_comes_again(
    order_svc: Harness,
) -> None:
    order = await post(order_svc, ORDERS, an_order())
    pool = order_svc.database.pool
    await pool.execute("DELETE FROM timer")

    async with pool.acquire() as other, other.transaction():
        await other.execute("SELECT 1 FROM process FOR UPDATE")
        async with order_svc.database.unit_of_work() as uow:
            await timers_fired([order["id"]], uow)

    assert await pool.fetchval("SELECT key FROM timer") == order["id"]
