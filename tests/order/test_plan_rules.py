"""Which fulfilment plans are taken; each refusal names the task."""

from typing import Any

import pytest
from dualbus_events.contract.catalog import FulfilmentPlan
from order_svc.catalogue.plan_rules import InvalidFulfilmentPlan, check_plan

from tests.harness import Harness
from tests.order.order_world import (
    CEASE_PLAN,
    ORDERS,
    PLANS,
    STANDARD_PLAN,
    an_order,
    play,
    post,
)


def a_plan(*tasks: dict[str, Any]) -> FulfilmentPlan:
    return FulfilmentPlan.model_validate({"id": "p", "name": "p", "task": list(tasks)})


def a_task(id_: str, *after: str, **changes: Any) -> dict[str, Any]:
    return {"id": id_, "type": "a.do", "after": list(after), **changes}


@pytest.mark.parametrize("plan", [STANDARD_PLAN, CEASE_PLAN])
def test_the_usual_plans_are_taken(plan: dict[str, Any]) -> None:
    check_plan(FulfilmentPlan.model_validate(plan))


@pytest.mark.parametrize(
    ("tasks", "said"),
    [
        ([a_task("x"), a_task("x")], "task x: the id is used twice"),
        ([a_task("x", "y")], "task x: after names 'y'"),
        ([a_task("x", type="nonsense")], "task x: type 'nonsense'"),
        ([a_task("a/b")], "task a/b: the id"),
        ([a_task("x", "y"), a_task("y", "x")], "waits for itself"),
        ([a_task("x", "x")], "task x: waits for itself"),
        ([a_task("i"), a_task("a.do", "i", scope="order")], "task a.do: is done once per order"),
        ([a_task("other", scope="order")], "task other: is done once per order"),
        ([a_task("a.do", scope="order", pivot=True)], "task a.do: is done once per order"),
        ([a_task("x", pivot=True), a_task("y", pivot=True)], "task y: is a pivot beside x"),
        ([a_task("x", maxAttempts=0)], "task x: "),
        ([a_task("x", timeoutSeconds=0)], "task x: "),
    ],
)
def test_plan_that_can_not_be_carried_out_is_refused_by_task(
    tasks: list[dict[str, Any]], said: str
) -> None:
    with pytest.raises(InvalidFulfilmentPlan) as refused:
        check_plan(a_plan(*tasks))

    assert said in str(refused.value)


async def test_plan_with_one_more_participant_needs_no_code(order_svc: Harness) -> None:
    extra = {"id": "vas.subscribe", "type": "vas.subscribe", "after": ["provisioning.activate"]}
    answer = await order_svc.client.patch(
        f"{PLANS}/standard", json={"task": [*STANDARD_PLAN["task"], extra]}
    )
    await post(order_svc, ORDERS, an_order())

    seen = await play(order_svc)

    assert answer.status_code == 200
    assert seen[-1] == "vas.subscribe"


async def test_bad_plan_is_a_400_that_names_the_task(order_svc: Harness) -> None:
    answer = await order_svc.client.post(
        PLANS, json={"id": "bad", "name": "bad", "task": [a_task("x", "y")]}
    )

    assert answer.status_code == 400
    assert "task x" in answer.json()["detail"]
