"""What each process of the floor does when a message arrives, as data. No IO."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Final

from dualbus_cli.bench.errors import BenchFailed
from dualbus_cli.bench.fanout import FanOut

SERVICES: Final = ("customer", "order", "provisioning", "billing", "assurance", "ods")
PREFIX: Final = "bench.floor."
PLACE: Final = "place"
REPLY: Final = ".reply"
_REPLIES: Final = "task-reply.order.v1"
_ORDER_TOPIC: Final = "order.product-order.v1"
# The standard plan; tasks in one row are sent together, and the next row waits for all of them.
_STEPS: Final = (
    ("customer.verify",),
    ("billing.open",),
    ("provisioning.activate",),
    ("billing.start", "assurance.watch"),
)
_TASKS: Final = tuple(task for step in _STEPS for task in step)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message to send. It goes out only when all the bits of `need` are marked on the order."""

    topic: str
    type: str
    size: int
    version: int = 1
    need: int = 0
    state: str = ""


@dataclass(slots=True)
class Action:
    """What a message of one type makes its service do: mark `bit`, send `out`."""

    bit: int = 0
    out: list[Outgoing] = field(default_factory=list)


@dataclass(slots=True)
class ServicePlan:
    """A process of the floor: what it acts on by type, and what it only keeps a copy of."""

    tasks_from: str | None
    copies: list[str]
    actions: dict[str, Action]

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "ServicePlan":
        read = json.loads(text)
        actions = {
            name: Action(action["bit"], [Outgoing(**out) for out in action["out"]])
            for name, action in read["actions"].items()
        }
        return cls(read["tasks_from"], read["copies"], actions)


def floor_plan(fan_out: FanOut) -> dict[str, ServicePlan]:
    """The same messages per order as the fan-out, shared out over the steps of the standard plan.

    Raises BenchFailed when the system's tasks were not those of the standard plan.
    """
    _check_tasks(fan_out)
    plans = {name: _empty(name, fan_out) for name in SERVICES}
    for name, plan in plans.items():
        for task in _TASKS:
            if task.partition(".")[0] == name:
                plan.actions[task] = Action(out=[_message(fan_out, _REPLIES, task + REPLY)])
    order = plans["order"].actions
    order[PLACE] = Action(out=_tasks(fan_out, _STEPS[0], need=0))
    for row, step in enumerate(_STEPS):
        following = _STEPS[row + 1] if row + 1 < len(_STEPS) else ()
        for task in step:
            need = _bits(step)
            order[task + REPLY] = Action(_bits([task]), _tasks(fan_out, following, need=need))
    # What follows parallel tasks stands in the actions of both replies: whichever comes first does
    # not meet `need`, so it is sent once.
    for name, plan in plans.items():
        _share_out_facts(fan_out, name, plan)
    return plans


def _check_tasks(fan_out: FanOut) -> None:
    expected: dict[str, int] = defaultdict(int)
    for task in _TASKS:
        expected[f"task.{task.partition('.')[0]}.v1"] += 1
    expected[_REPLIES] = len(_TASKS)
    seen = {topic: n for topic, n in fan_out.messages.items() if topic.startswith("task")}
    if seen != expected:
        raise BenchFailed(f"The orders' tasks were {seen}, not those of the standard plan")


def _empty(name: str, fan_out: FanOut) -> ServicePlan:
    own = _REPLIES if name == "order" else f"task.{name}.v1" if name != "ods" else None
    copies = [topic for topic, who in fan_out.readers.items() if name in who and topic != own]
    return ServicePlan(PREFIX + own if own else None, [PREFIX + topic for topic in copies], {})


def _message(fan_out: FanOut, topic: str, type_: str, need: int = 0) -> Outgoing:
    return Outgoing(PREFIX + topic, type_, fan_out.body_bytes[topic], need=need)


def _tasks(fan_out: FanOut, tasks: Sequence[str], *, need: int) -> list[Outgoing]:
    return [
        _message(fan_out, f"task.{task.partition('.')[0]}.v1", task, need=need) for task in tasks
    ]


def _bits(tasks: Sequence[str]) -> int:
    return sum(1 << _TASKS.index(task) for task in tasks)


def _share_out_facts(fan_out: FanOut, service: str, plan: ServicePlan) -> None:
    """Spread a service's facts evenly over its steps, the last of each topic in the last step."""
    slots = _slots(service, plan.actions)
    for topic, count in fan_out.messages.items():
        if topic.partition(".")[0] != service or topic.startswith("task"):
            continue
        for n in range(count):
            slot = slots[_slot(n, count, len(slots))]
            last = topic == _ORDER_TOPIC and n == count - 1
            need = _bits(_TASKS) if service == "order" and slot is slots[-1] else 0
            for action in slot:
                action.out.append(
                    Outgoing(
                        PREFIX + topic,
                        "fact",
                        fan_out.body_bytes[topic],
                        version=n + 1,
                        need=need,
                        state="completed" if last else "inProgress",
                    )
                )


def _slots(service: str, actions: Mapping[str, Action]) -> list[list[Action]]:
    """The steps a service goes through; parallel replies are one step, whichever comes last."""
    if service != "order":
        return [[action] for action in actions.values()]
    steps = [[actions[task + REPLY] for task in step] for step in _STEPS]
    return [[actions[PLACE]], *steps]


def _slot(position: int, count: int, slots: int) -> int:
    if count == 1:
        return slots - 1
    return round(position * (slots - 1) / (count - 1))
