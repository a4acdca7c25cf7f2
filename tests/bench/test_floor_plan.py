"""The floor sends exactly what the system sends, and every order in it ends."""

from collections import Counter, deque

import pytest
from dualbus_cli.bench.errors import BenchFailed
from dualbus_cli.bench.floor.plan import PLACE, PREFIX, Outgoing, ServicePlan, floor_plan

from tests.bench.fan_outs import MESSAGES, a_fan_out


def _messages_of_one_order(plans: dict[str, ServicePlan]) -> list[Outgoing]:
    """Let one order run through the plans, each topic read by the service it is for."""
    readers = {plan.tasks_from: plan for plan in plans.values() if plan.tasks_from}
    sent: list[Outgoing] = []
    waiting = deque([(plans["order"], PLACE)])
    done = dict.fromkeys(map(id, plans.values()), 0)
    while waiting:
        plan, type_ = waiting.popleft()
        action = plan.actions[type_]
        done[id(plan)] |= action.bit
        out = [one for one in action.out if done[id(plan)] & one.need == one.need]
        sent += out
        waiting += [(readers[one.topic], one.type) for one in out if one.topic in readers]
    return sent


def test_floor_sends_the_same_messages_as_the_system() -> None:
    plans = floor_plan(a_fan_out())

    sent = Counter(one.topic for one in _messages_of_one_order(plans))

    assert sent == {PREFIX + topic: count for topic, count in MESSAGES.items()}


def test_floor_delivers_as_often_as_the_system() -> None:
    fan_out = a_fan_out()
    plans = floor_plan(fan_out)
    readers = [
        topic
        for plan in plans.values()
        for topic in {*plan.copies, *([plan.tasks_from] if plan.tasks_from else [])}
    ]

    deliveries = sum(readers.count(one.topic) for one in _messages_of_one_order(plans))

    assert deliveries == fan_out.deliveries


def test_the_order_is_complete_once_and_with_its_last_message() -> None:
    sent = _messages_of_one_order(floor_plan(a_fan_out()))

    orders = [one for one in sent if one.topic == PREFIX + "order.product-order.v1"]
    assert [one.state for one in orders] == ["inProgress", "inProgress", "completed"]
    assert [one.version for one in orders] == [1, 2, 3]


def test_bodies_are_as_large_as_the_systems() -> None:
    sent = _messages_of_one_order(floor_plan(a_fan_out()))

    assert {one.size for one in sent} == {1000}


def test_a_plan_survives_the_way_to_its_process() -> None:
    plan = floor_plan(a_fan_out())["order"]

    assert ServicePlan.from_json(plan.to_json()) == plan


def test_other_tasks_than_the_standard_plans_are_refused() -> None:
    without_assurance = {t: n for t, n in MESSAGES.items() if t != "task.assurance.v1"}

    with pytest.raises(BenchFailed, match="standard plan"):
        floor_plan(a_fan_out(without_assurance))
