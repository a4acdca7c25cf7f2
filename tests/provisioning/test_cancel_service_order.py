"""TMF641 cancelServiceOrder: what waits, what is in work, what is past its point of no return."""

from typing import Any

from tests.provisioning.network import Provisioning, activate, again, cease_of, undo_of

SERVICE_ORDERS = "/tmf-api/serviceOrdering/v4/serviceOrder"
CANCELS = "/tmf-api/serviceOrdering/v4/cancelServiceOrder"


async def cancel(provisioning: Provisioning, order_id: str) -> dict[str, Any]:
    body = {"serviceOrder": {"id": order_id}, "cancellationReason": "moved away"}
    answer = await provisioning.harness.client.post(CANCELS, json=body)
    assert answer.status_code == 201, answer.text
    posted: dict[str, Any] = answer.json()
    return posted


async def cancellation_of(provisioning: Provisioning, posted: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = (await provisioning.harness.client.get(posted["href"])).json()
    return found


async def order_in_work(provisioning: Provisioning) -> dict[str, Any]:
    return (await provisioning.bodies("service_order"))[-1]


async def test_order_that_waits_for_a_person_is_cancelled_at_once(
    provisioning: Provisioning,
) -> None:
    client = provisioning.harness.client
    body = {"serviceOrderItem": [{"id": "1", "action": "add", "service": {}}]}
    order = (await client.post(SERVICE_ORDERS, json=body)).json()

    cancellation = await cancel(provisioning, order["id"])

    read = (await client.get(order["href"])).json()
    assert cancellation["state"] == "done"
    assert cancellation["effectiveCancellationDate"].endswith("Z")
    assert cancellation["serviceOrder"]["href"] == order["href"]
    assert (read["state"], read["cancellationReason"]) == ("cancelled", "moved away")
    assert read["serviceOrderItem"][0]["state"] == "cancelled"


async def test_activation_in_work_is_undone_and_its_task_refused(
    provisioning: Provisioning,
) -> None:
    task = activate("mobile")
    await provisioning.deliver(task)
    order = await order_in_work(provisioning)

    posted = await cancel(provisioning, order["id"])
    assessed = (await order_in_work(provisioning))["state"]
    await provisioning.call_element()

    [reply] = await provisioning.replies(task)
    done = await cancellation_of(provisioning, posted)
    assert (posted["state"], assessed, done["state"]) == (
        "inProgress",
        "assessingCancellation",
        "done",
    )
    assert await provisioning.states("service_order") == ["cancelled"]
    assert await provisioning.states("service") == []
    assert set(await provisioning.states("resource", "resource_status")) == {"available"}
    assert await provisioning.active() == []
    assert reply["outcome"] == "rejected"
    assert (reply["error"]["code"], reply["error"]["message"]) == (
        "serviceOrderCancelled",
        "moved away",
    )


async def test_cancellation_tells_the_customers_view_every_move(
    provisioning: Provisioning,
) -> None:
    await provisioning.deliver(activate("mobile"))
    order = await order_in_work(provisioning)

    posted = await cancel(provisioning, order["id"])
    await provisioning.call_element()

    published = await provisioning.harness.published()
    moves = {
        key: [one.body["event"][resource]["state"] for one in published if one.key == key]
        for key, resource in ((order["id"], "serviceOrder"), (posted["id"], "cancelServiceOrder"))
    }
    assert moves[order["id"]] == [
        "inProgress",
        "assessingCancellation",
        "pendingCancellation",
        "cancelled",
    ]
    assert moves[posted["id"]] == ["acknowledged", "inProgress", "done"]
    assert {one.headers["ce_customerid"] for one in published if one.key == posted["id"]} == {"c-1"}


async def test_completed_order_is_not_cancelled_and_both_states_are_named(
    provisioning: Provisioning,
) -> None:
    await provisioning.do(activate("mobile"))
    order = await order_in_work(provisioning)

    answer = await provisioning.harness.client.post(
        CANCELS, json={"serviceOrder": {"id": order["id"]}}
    )

    assert answer.status_code == 409
    assert answer.json()["code"] == "serviceOrderNotCancellable"
    assert (answer.json()["from"], answer.json()["to"]) == ("completed", "assessingCancellation")
    assert await provisioning.states("service") == ["active"]


async def test_second_cancellation_of_one_order_is_a_conflict(provisioning: Provisioning) -> None:
    await provisioning.deliver(activate("mobile"))
    order = await order_in_work(provisioning)
    await cancel(provisioning, order["id"])

    answer = await provisioning.harness.client.post(
        CANCELS, json={"serviceOrder": {"id": order["id"]}}
    )

    assert answer.status_code == 409
    assert answer.json()["from"] == "assessingCancellation"


async def test_cancellation_of_an_unknown_order_is_not_found(provisioning: Provisioning) -> None:
    answer = await provisioning.harness.client.post(CANCELS, json={"serviceOrder": {"id": "x"}})

    assert answer.status_code == 404
    assert answer.json()["code"] == "serviceOrderNotFound"


async def test_try_whose_services_an_earlier_one_activated_is_past_its_point_of_no_return(
    provisioning: Provisioning,
) -> None:
    first = activate("mobile")
    await provisioning.do(first)
    second = again(first)
    await provisioning.deliver(second)
    order = await order_in_work(provisioning)

    denied = await cancel(provisioning, order["id"])
    await provisioning.call_element()

    [reply] = await provisioning.replies(second)
    assert denied["state"] == "terminatedWithError"
    assert denied["errorMessage"]["code"] == "pastPointOfNoReturn"
    assert reply["outcome"] == "done"
    assert await provisioning.states("service") == ["active"]
    assert len(await provisioning.active()) == 1


async def test_order_that_the_network_can_not_take_back_fails_and_keeps_its_resources(
    provisioning: Provisioning,
) -> None:
    rule = {"match": {"op": "deactivate"}, "outcome": "fail", "times": 1}
    await provisioning.behave(latencyMs=0, rules=[rule])
    task = activate("mobile")
    await provisioning.deliver(task)

    posted = await cancel(provisioning, (await order_in_work(provisioning))["id"])
    await provisioning.call_element()
    [reply] = await provisioning.replies(task)
    kept = set(await provisioning.states("resource", "resource_status"))
    [undone] = await provisioning.do(undo_of(task))

    cancellation = await cancellation_of(provisioning, posted)
    assert cancellation["state"] == "terminatedWithError"
    assert cancellation["errorMessage"]["reason"]
    assert await provisioning.states("service_order") == ["failed"]
    assert reply["outcome"] == "failed"
    assert kept == {"reserved"}
    assert undone["outcome"] == "done"
    assert set(await provisioning.states("resource", "resource_status")) == {"available"}


async def test_task_undone_while_its_cancellation_fails_holds_nothing_for_the_next_try(
    provisioning: Provisioning,
) -> None:
    rule = {"match": {"op": "deactivate"}, "outcome": "fail", "times": 1}
    await provisioning.behave(latencyMs=0, rules=[rule])
    task = activate("mobile")
    await provisioning.deliver(task)
    await cancel(provisioning, (await order_in_work(provisioning))["id"])

    [undone] = await provisioning.do(undo_of(task))
    [next_try] = await provisioning.do(again(task))

    services = [one["service"]["id"] for one in await _items(provisioning)]
    assert undone["outcome"] == "done"
    assert next_try["outcome"] == "done"
    assert len(set(services)) == 2
    assert len(await provisioning.active()) == 1


async def test_product_can_be_tried_again_after_its_order_was_cancelled(
    provisioning: Provisioning,
) -> None:
    task = activate("leased")
    await provisioning.deliver(task)
    await cancel(provisioning, (await order_in_work(provisioning))["id"])

    [reply] = await provisioning.do(again(task))

    assert reply["outcome"] == "done"
    assert len(await provisioning.active()) == 1
    assert await provisioning.states("service") == ["active"]


async def test_cessation_in_work_is_cancelled_and_the_service_stays(
    provisioning: Provisioning,
) -> None:
    task = activate("mobile")
    await provisioning.do(task)
    cease = cease_of(task)
    await provisioning.deliver(cease)

    posted = await cancel(provisioning, (await order_in_work(provisioning))["id"])
    await provisioning.call_element()

    [reply] = await provisioning.replies(cease)
    assert (await cancellation_of(provisioning, posted))["state"] == "done"
    assert reply["error"]["code"] == "serviceOrderCancelled"
    assert await provisioning.states("service") == ["active"]
    assert set(await provisioning.states("resource", "resource_status")) == {"reserved"}
    assert len(await provisioning.active()) == 1


async def _items(provisioning: Provisioning) -> list[dict[str, Any]]:
    orders = await provisioning.bodies("service_order")
    return [item for order in orders for item in order["serviceOrderItem"]]
