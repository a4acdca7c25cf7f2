"""Activation: one task, one service order, services and resources, and what the network says."""

import pytest

from tests.provisioning.network import Provisioning, activate, again


async def test_activated_product_has_a_service_a_number_and_an_answer(
    provisioning: Provisioning,
) -> None:
    task = activate("mobile")

    [reply] = await provisioning.do(task)

    [order] = await provisioning.bodies("service_order")
    [service] = await provisioning.bodies("service")
    resources = await provisioning.bodies("resource")
    assert reply["outcome"] == "done"
    assert order["state"] == "completed"
    assert order["externalId"] == task.task_id
    assert order["serviceOrderItem"][0]["service"]["id"] == service["id"]
    assert service["state"] == "active"
    assert service["relatedEntity"] == [
        {
            "id": task.payload["item"]["product"]["id"],
            "role": "product",
            "@referredType": "Product",
        }
    ]
    assert service["relatedParty"] == [{"id": "c-1", "name": "Ada", "role": "Customer"}]
    assert resources[0]["value"] == "+99550000001"
    assert resources[1]["value"][:-1] == "899950100000000001"
    assert [one["id"] for one in service["supportingResource"]] == [one["id"] for one in resources]
    assert reply["result"]["service"] == {
        "id": service["id"],
        "href": f"http://test/tmf-api/serviceInventory/v4/service/{service['id']}",
        "name": "Mobile",
    }
    assert [(one["category"], one["value"]) for one in reply["result"]["resource"]] == [
        ("msisdn", resources[0]["value"]),
        ("iccid", resources[1]["value"]),
    ]
    assert reply["result"]["activatedAt"] == service["startDate"]


async def test_element_is_told_the_service_its_resources_and_characteristics(
    provisioning: Provisioning,
) -> None:
    await provisioning.do(activate("mobile"))

    [active] = await provisioning.active()
    [service] = await provisioning.bodies("service")
    assert active["activationId"] == active["serviceId"] == service["id"]
    assert active["serviceType"] == "mobile-voice"
    assert active["customerId"] == "c-1"
    assert active["characteristics"] == {"bandwidth": 100}
    assert [one["type"] for one in active["resources"]] == ["msisdn", "iccid"]


async def test_few_events_tell_of_an_activation_and_carry_its_correlation(
    provisioning: Provisioning,
) -> None:
    await provisioning.harness.forget_published()
    tasks = [activate("mobile"), activate("mobile")]

    await provisioning.do(*tasks)

    published = await provisioning.harness.published()
    mine = [p for p in published if p.headers["ce_correlationid"] == tasks[1].cause.correlation_id]
    assert sorted(p.type for p in mine) == [
        "ResourceCreateEvent",
        "ResourceCreateEvent",
        "ServiceCreateEvent",
        "ServiceOrderCreateEvent",
        "ServiceOrderStateChangeEvent",
        mine[-1].type,
    ]
    assert mine[-1].topic == "task-reply.order.v1"
    assert {p.headers["ce_customerid"] for p in mine} == {"c-1"}
    assert len(published) == 12


async def test_redelivered_task_is_done_once_and_answered_again(
    provisioning: Provisioning,
) -> None:
    task = activate("mobile")
    await provisioning.do(task)
    first = await provisioning.harness.published(event_type="ServiceCreateEvent")

    # A new message with the same task: the process manager's own retry.
    await provisioning.deliver(task)

    assert await provisioning.harness.published(event_type="ServiceCreateEvent") == first
    assert len(await provisioning.bodies("service_order")) == 1
    assert len(await provisioning.bodies("resource")) == 2


async def test_product_of_two_services_has_both_and_one_order(provisioning: Provisioning) -> None:
    [reply] = await provisioning.do(activate("mobile", "leased"))

    [order] = await provisioning.bodies("service_order")
    assert len(order["serviceOrderItem"]) == 2
    assert {one["state"] for one in order["serviceOrderItem"]} == {"completed"}
    assert await provisioning.states("service") == ["active", "active"]
    assert [one["category"] for one in reply["result"]["resource"]] == ["msisdn", "iccid", "port"]
    assert len(await provisioning.active()) == 2


async def test_product_without_services_needs_no_network(provisioning: Provisioning) -> None:
    task = activate()

    await provisioning.deliver(task)

    [reply] = await provisioning.replies(task)
    assert reply["outcome"] == "done"
    assert reply["result"]["service"]["name"] == "Mobile plan"
    assert reply["result"]["activatedAt"].endswith("Z")
    assert await provisioning.states("service") == ["active"]


async def test_refused_service_is_rejected_and_gives_everything_back(
    provisioning: Provisioning,
) -> None:
    rule = {"match": {"serviceType": "leased-line", "op": "activate"}, "outcome": "reject"}
    await provisioning.behave(latencyMs=0, rules=[rule])

    [reply] = await provisioning.do(activate("mobile", "leased"))

    assert reply["outcome"] == "rejected"
    assert reply["error"]["code"] == "elementRefused"
    assert await provisioning.states("service_order") == ["failed"]
    assert await provisioning.states("service") == []
    assert set(await provisioning.states("resource", "resource_status")) == {"available"}
    assert await provisioning.active() == []


async def test_fault_of_the_element_fails_the_task_and_keeps_what_was_assigned(
    provisioning: Provisioning,
) -> None:
    rule = {"match": {"serviceType": "mobile-voice"}, "outcome": "fail"}
    await provisioning.behave(latencyMs=0, rules=[rule])

    [reply] = await provisioning.do(activate("mobile"))

    [order] = await provisioning.bodies("service_order")
    assert reply["outcome"] == "failed"
    assert reply["error"]["code"] == "elementFault"
    assert reply["error"]["retryable"] is False
    assert order["state"] == "failed"
    assert order["serviceOrderItem"][0]["errorMessage"][0]["code"] == "elementFault"
    assert await provisioning.states("resource", "resource_status") == ["reserved", "reserved"]


async def test_retry_after_a_failure_uses_the_same_service_and_resources(
    provisioning: Provisioning,
) -> None:
    await provisioning.behave(latencyMs=0, rules=[{"match": {}, "outcome": "fail", "times": 1}])
    first = activate("mobile")
    await provisioning.do(first)

    [reply] = await provisioning.do(again(first))

    [service] = await provisioning.bodies("service")
    orders = await provisioning.bodies("service_order")
    assert reply["outcome"] == "done"
    assert [one["state"] for one in orders] == ["failed", "completed"]
    assert orders[0]["serviceOrderItem"][0]["service"]["id"] == service["id"]
    assert len(await provisioning.bodies("resource")) == 2


async def test_unavailable_element_is_asked_again_until_it_answers(
    provisioning: Provisioning,
) -> None:
    rule = {"match": {}, "outcome": "unavailable", "times": 2}
    await provisioning.behave(latencyMs=0, rules=[rule])

    [reply] = await provisioning.do(activate("mobile"))

    assert reply["outcome"] == "done"
    assert (await provisioning.element_client.get("/admin/activity")).json()["failures"] == 2


async def test_element_that_stays_unavailable_fails_the_task(provisioning: Provisioning) -> None:
    await provisioning.behave(latencyMs=0, rules=[{"match": {}, "outcome": "unavailable"}])
    task = activate("mobile")
    await provisioning.deliver(task)

    await provisioning.call_element(attempts=2)

    [reply] = await provisioning.replies(task)
    assert reply["outcome"] == "failed"
    assert reply["error"]["code"] == "unavailable"


async def test_slow_service_does_not_hold_up_its_batch(provisioning: Provisioning) -> None:
    rule = {"match": {"serviceType": "leased-line"}, "latencyMs": 600, "times": 1}
    await provisioning.behave(latencyMs=0, rules=[rule])
    slow, quick = activate("leased"), activate("mobile")

    await provisioning.do(slow, quick)

    order = [p.body["taskId"] for p in await provisioning.harness.published("task-reply.order.v1")]
    assert order == [quick.task_id, slow.task_id]
    assert (await provisioning.element_client.get("/admin/activity")).json()["activations"] == 2


async def test_exhausted_pool_rejects_those_that_get_none_and_takes_nothing_from_them(
    provisioning: Provisioning,
) -> None:
    tasks = [activate("pair") for _ in range(5)]

    replies = await provisioning.do(*tasks)

    assert [reply["outcome"] for reply in replies] == ["done"] * 3 + ["rejected"] * 2
    assert replies[4]["error"]["code"] == "noResourceAvailable"
    numbers = [
        one["value"] for one in await provisioning.bodies("resource") if one["category"] == "msisdn"
    ]
    assert numbers == ["+99550000001", "+99550000002", "+99550000003"]
    [following] = await provisioning.do(activate("mobile"))
    assert following["result"]["resource"][0]["value"] == "+99550000004"


async def test_unknown_specification_fails_the_task_by_name(provisioning: Provisioning) -> None:
    task = activate("nothing-of-the-kind")

    await provisioning.deliver(task)

    [reply] = await provisioning.replies(task)
    assert reply["outcome"] == "failed"
    assert reply["error"]["code"] == "specificationUnknown"
    assert "nothing-of-the-kind" in reply["error"]["message"]


@pytest.mark.parametrize("item", [None, {}, {"product": {}}, {"product": "p-1"}])
async def test_task_without_a_product_fails_and_its_neighbour_is_done(
    provisioning: Provisioning, item: object
) -> None:
    malformed, sound = activate("mobile"), activate("mobile")
    malformed.payload["item"] = item  # type: ignore[index]

    replies = await provisioning.do(malformed, sound)

    assert [reply["outcome"] for reply in replies] == ["failed", "done"]
    assert replies[0]["error"]["code"] == "malformedTask"
