"""Taking back: an activation in each of its states, and cessations; nobody else's is touched."""

import pytest

from tests.provisioning.network import Provisioning, activate, again, cease_of, undo_of


async def test_undo_of_a_done_activation_leaves_nothing_behind(
    provisioning: Provisioning,
) -> None:
    task = activate("mobile")
    [reply] = await provisioning.do(task)

    [undone] = await provisioning.do(undo_of(task, reply["result"]))

    [order] = await provisioning.bodies("service_order")
    assert undone["outcome"] == "done"
    assert await provisioning.states("service") == ["terminated"]
    assert set(await provisioning.states("resource", "resource_status")) == {"available"}
    assert order["state"] == "completed"
    assert order["undoneDate"].endswith("Z")
    assert await provisioning.active() == []


async def test_undo_of_an_activation_in_work_cancels_it_and_follows_it_to_the_network(
    provisioning: Provisioning,
) -> None:
    task = activate("mobile")
    await provisioning.deliver(task)

    [undone] = await provisioning.do(undo_of(task))

    [interrupted] = await provisioning.replies(task)
    assert undone["outcome"] == "done"
    assert interrupted["outcome"] == "failed"
    assert interrupted["error"]["code"] == "undone"
    assert await provisioning.states("service_order") == ["cancelled"]
    assert await provisioning.states("service") == []
    assert set(await provisioning.states("resource", "resource_status")) == {"available"}
    assert await provisioning.active() == []


async def test_undo_in_the_same_batch_as_its_task_leaves_nothing_behind(
    provisioning: Provisioning,
) -> None:
    task = activate("mobile")
    undo = undo_of(task)

    await provisioning.deliver(task, undo)
    await provisioning.call_element()

    [undone] = await provisioning.replies(undo)
    assert undone["outcome"] == "done"
    assert await provisioning.states("service_order") == ["cancelled"]
    assert set(await provisioning.states("resource", "resource_status")) == {"available"}
    assert await provisioning.active() == []


async def test_undo_of_a_failed_activation_gives_its_resources_back(
    provisioning: Provisioning,
) -> None:
    rule = {"match": {"op": "activate"}, "outcome": "fail"}
    await provisioning.behave(latencyMs=0, rules=[rule])
    task = activate("mobile")
    await provisioning.do(task)

    [undone] = await provisioning.do(undo_of(task))

    assert undone["outcome"] == "done"
    assert await provisioning.states("service_order") == ["failed"]
    assert set(await provisioning.states("resource", "resource_status")) == {"available"}


async def test_undo_before_its_task_is_done_and_the_task_never_is(
    provisioning: Provisioning,
) -> None:
    task = activate("mobile")

    [undone] = await provisioning.do(undo_of(task))
    [late] = await provisioning.do(task)

    assert undone["outcome"] == "done"
    assert late["outcome"] == "failed"
    assert late["error"]["code"] == "undone"
    assert await provisioning.bodies("service_order") == []
    assert await provisioning.active() == []


async def test_undo_that_comes_twice_takes_nothing_from_the_next_holder(
    provisioning: Provisioning,
) -> None:
    task = activate("mobile")
    await provisioning.do(task)
    await provisioning.do(undo_of(task))
    [heir] = await provisioning.do(activate("mobile"))

    [repeated] = await provisioning.do(undo_of(task))

    assert repeated["outcome"] == "done"
    assert heir["result"]["resource"][0]["value"] == "+99550000001"
    assert sorted(await provisioning.states("service")) == ["active", "terminated"]
    assert set(await provisioning.states("resource", "resource_status")) == {"reserved"}
    assert len(await provisioning.active()) == 1


async def test_undo_of_a_retry_undoes_what_the_first_try_assigned(
    provisioning: Provisioning,
) -> None:
    await provisioning.behave(latencyMs=0, rules=[{"match": {}, "outcome": "fail", "times": 1}])
    first = activate("mobile")
    await provisioning.do(first)
    second = again(first)
    await provisioning.do(second)

    [undone] = await provisioning.do(undo_of(second))
    [third] = await provisioning.do(again(first))

    assert undone["outcome"] == "done"
    assert third["outcome"] == "done"
    assert sorted(await provisioning.states("service")) == ["active", "terminated"]
    assert len(await provisioning.active()) == 1


async def test_failed_deactivation_fails_the_undo_and_keeps_the_resources(
    provisioning: Provisioning,
) -> None:
    task = activate("mobile")
    await provisioning.do(task)
    rule = {"match": {"op": "deactivate"}, "outcome": "fail", "times": 1}
    await provisioning.behave(latencyMs=0, rules=[rule])

    [first] = await provisioning.do(undo_of(task))
    kept = set(await provisioning.states("resource", "resource_status"))
    [second] = await provisioning.do(undo_of(task))

    assert first["outcome"] == "failed"
    assert kept == {"reserved"}
    assert second["outcome"] == "done"
    assert set(await provisioning.states("resource", "resource_status")) == {"available"}


async def test_cease_ends_the_services_of_its_product_and_no_other(
    provisioning: Provisioning,
) -> None:
    mine, other = activate("mobile"), activate("mobile")
    [_, kept] = await provisioning.do(mine, other)

    [reply] = await provisioning.do(cease_of(mine))

    services = {one["id"]: one["state"] for one in await provisioning.bodies("service")}
    held = {
        one["value"]
        for one in await provisioning.bodies("resource")
        if one["resourceStatus"] == "reserved"
    }
    assert reply["outcome"] == "done"
    assert reply["result"]["ceasedAt"].endswith("Z")
    assert services[kept["result"]["service"]["id"]] == "active"
    assert services[reply["result"]["service"]["id"]] == "terminated"
    assert held == {one["value"] for one in kept["result"]["resource"]}
    assert [one["serviceId"] for one in await provisioning.active()] == [
        kept["result"]["service"]["id"]
    ]


async def test_cease_of_what_has_ceased_is_done_with_the_time_it_ended(
    provisioning: Provisioning,
) -> None:
    task = activate("mobile")
    await provisioning.do(task)
    [first] = await provisioning.do(cease_of(task))

    [second] = await provisioning.do(cease_of(task))

    assert first["result"]["resource"][0]["value"] == "+99550000001"
    assert second == {**first, "taskId": second["taskId"]}


async def test_cease_of_an_unknown_product_is_rejected(provisioning: Provisioning) -> None:
    [reply] = await provisioning.do(cease_of(activate("mobile")))

    assert reply["outcome"] == "rejected"
    assert reply["error"]["code"] == "serviceUnknown"


async def test_undo_of_a_cessation_in_work_leaves_the_service_active(
    provisioning: Provisioning,
) -> None:
    task = activate("mobile")
    await provisioning.do(task)
    cease = cease_of(task)
    await provisioning.deliver(cease)

    [undone] = await provisioning.do(undo_of(cease))

    assert undone["outcome"] == "done"
    assert await provisioning.states("service") == ["active"]
    assert set(await provisioning.states("resource", "resource_status")) == {"reserved"}
    assert len(await provisioning.active()) == 1


@pytest.mark.parametrize(("ceased", "outcome"), [(True, "rejected"), (False, "done")])
async def test_undo_of_a_cessation_after_it_is_done_or_before_it_came(
    provisioning: Provisioning, ceased: bool, outcome: str
) -> None:
    task = activate("mobile")
    await provisioning.do(task)
    cease = cease_of(task)
    if ceased:
        await provisioning.do(cease)

    [undone] = await provisioning.do(undo_of(cease))

    assert undone["outcome"] == outcome
