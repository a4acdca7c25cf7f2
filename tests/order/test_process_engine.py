"""The process manager's rules on random graphs, outcomes, doubles, disorder and time-outs."""

import itertools
from dataclasses import dataclass, field
from typing import Any

import orjson
import pytest
from dualbus_events.contract.catalog import FulfilmentPlan
from hypothesis import given, settings
from hypothesis import strategies as st
from order_svc.process import engine
from order_svc.process.encoding import from_json, to_json
from order_svc.process.errors import NothingToAbandon, NothingToRetry, PastPointOfNoReturn
from order_svc.process.graph import SETTLED, Process
from order_svc.process.planning import PlannedItem, planned_process
from order_svc.process.view import order_view

from tests.order.order_world import STANDARD_PLAN

STANDARD = FulfilmentPlan.model_validate({**STANDARD_PLAN, "href": "x"})
RETRYABLE = {"code": "busy", "message": "busy", "retryable": True}
FATAL = {"code": "broken", "message": "broken", "retryable": False}
REFUSAL = {"code": "no", "message": "no", "class": "business"}

OUTCOMES: list[tuple[str, dict[str, Any] | None]] = [
    *[("done", None)] * 4,
    ("rejected", REFUSAL),
    ("failed", FATAL),
    ("failed", RETRYABLE),
]


@dataclass
class World:
    """Participants: what was asked of them, in order, and the rules that must hold."""

    process: Process
    now: float = 1000.0
    asked: list[tuple[str, str, bool]] = field(default_factory=list)
    """task id, key, whether it is an undo."""

    def step(self) -> None:
        """Take what was sent, check it was allowed, store and load the process."""
        for send in self.process.sends:
            node = send.node
            if send.undo:
                self._check_undo(node.key)
                self.asked.append((self.process.undo_id(node), node.key, True))
            else:
                assert all(self.process.nodes[key].state == "done" for key in node.after)
                self.asked.append((self.process.task_id(node), node.key, False))
        stored = to_json(self.process)
        self.process = from_json(self.process.id, 1, stored)
        assert to_json(self.process) == stored

    def _check_undo(self, key: str) -> None:
        node = self.process.nodes[key]
        for other in self.process.nodes.values():
            if key in other.after:
                assert other.state in SETTLED, f"{key} undone before {other.key}"
        for item in self.process.users_of(node):
            assert item.state in ("compensating", "failed")
            assert not self.process.past_pivot(item), "undone past the pivot"

    def start(self) -> None:
        engine.advance(self.process, self.now)
        self.step()

    def answer(self, task_id: str, outcome: str, error: dict[str, Any] | None = None) -> None:
        engine.take_reply(
            self.process,
            task_id,
            outcome=outcome,
            result={"of": task_id} if outcome == "done" else {},
            error=error,
            now=self.now,
        )
        engine.advance(self.process, self.now)
        self.step()

    def pass_time(self, seconds: float) -> None:
        self.now += seconds
        engine.take_time(self.process, self.now)
        self.step()

    def open_asks(self) -> list[str]:
        """Ids that the process still waits for."""
        current = {self.process.task_id(n): n.state == "sent" for n in self.process.nodes.values()}
        current |= {
            self.process.undo_id(n): n.state == "undoing" for n in self.process.nodes.values()
        }
        return [id_ for id_ in dict.fromkeys(a[0] for a in self.asked) if current.get(id_)]

    def task_keys(self, *, undo: bool = False) -> list[str]:
        return [key for _, key, is_undo in self.asked if is_undo == undo]

    def answer_all(self, **failures: tuple[str, dict[str, Any]]) -> None:
        """Answer until nothing is open: done, or as `failures` say by task name with _ for dots."""
        for _ in range(200):
            open_ids = self.open_asks()
            if not open_ids:
                return
            for id_ in open_ids:
                name = id_.split(":")[1].rpartition("/")[2].replace(".", "_")
                if name in failures and id_.split(":")[-2] != "undo":
                    self.answer(id_, *failures[name])
                else:
                    self.answer(id_, "done")
        raise AssertionError("never ends")


def a_world(*items: PlannedItem) -> World:
    planned = items or (PlannedItem("1", STANDARD),)
    world = World(planned_process("p", planned))
    world.start()
    return world


def a_plan(*tasks: dict[str, Any]) -> FulfilmentPlan:
    return FulfilmentPlan.model_validate({"id": "x", "name": "x", "task": list(tasks)})


def test_tasks_go_out_in_the_graphs_order_and_in_parallel_where_it_allows() -> None:
    world = a_world()

    world.answer_all()

    assert world.task_keys() == [
        "customer.verify",
        "billing.open",
        "1/provisioning.activate",
        "1/billing.start",
        "1/assurance.watch",
    ]
    assert world.process.ended == "completed"


def test_refusal_before_the_pivot_undoes_what_was_done_in_reverse() -> None:
    world = a_world()

    world.answer_all(provisioning_activate=("rejected", REFUSAL))

    assert world.task_keys(undo=True) == ["billing.open", "customer.verify"]
    assert world.process.ended == "failed"
    assert order_view(world.process).items["1"].code == "no"


def test_pivot_that_fails_for_good_goes_to_fallout_and_retry_uses_a_new_id() -> None:
    world = a_world()
    world.answer_all(provisioning_activate=("failed", FATAL))
    before = [ask[0] for ask in world.asked]

    view = order_view(world.process)
    engine.retry(world.process, world.now)
    world.step()

    assert world.asked[-1][1] == "1/provisioning.activate"
    assert world.asked[-1][0] not in before
    assert (view.state, view.items["1"].state) == ("held", "held")
    world.answer_all()
    assert world.process.ended == "completed"


def test_failure_past_the_pivot_is_never_compensated() -> None:
    world = a_world()

    world.answer_all(billing_start=("rejected", REFUSAL))

    assert world.task_keys(undo=True) == []
    assert world.process.state == "fallout"
    assert world.process.nodes["1/assurance.watch"].state == "done"


def test_abandoned_past_the_pivot_keeps_what_was_done() -> None:
    world = a_world()
    world.answer_all(billing_start=("failed", FATAL))

    engine.abandon(world.process, world.now)
    world.step()

    assert world.process.ended == "failed"
    assert world.task_keys(undo=True) == []
    assert world.process.items["1"].kept


def test_abandoned_before_the_pivot_is_compensated() -> None:
    world = a_world()
    world.answer_all(provisioning_activate=("failed", FATAL))

    engine.abandon(world.process, world.now)
    world.step()
    world.answer_all()

    assert world.task_keys(undo=True) == [
        "1/provisioning.activate",
        "billing.open",
        "customer.verify",
    ]
    assert world.process.ended == "failed"


def test_lost_answer_is_asked_for_again_under_the_same_id() -> None:
    world = a_world()

    world.pass_time(31)

    assert [ask[0] for ask in world.asked] == ["p:customer.verify:1"] * 2


def test_retryable_failure_is_tried_again_after_a_pause_under_a_new_id() -> None:
    world = a_world()

    world.answer("p:customer.verify:1", "failed", RETRYABLE)
    world.pass_time(0.5)
    early = len(world.asked)
    world.pass_time(0.6)

    assert early == 1
    assert world.asked[-1][0] == "p:customer.verify:2"


def test_task_that_is_undone_in_the_same_step_is_not_asked_for_again() -> None:
    plan = a_plan(
        {"id": "a.do", "type": "a.do", "maxAttempts": 3},
        {"id": "b.do", "type": "b.do", "maxAttempts": 1},
    )
    world = a_world(PlannedItem("1", plan))

    world.pass_time(31)

    assert world.task_keys() == ["1/a.do", "1/b.do"]
    assert sorted(world.task_keys(undo=True)) == ["1/a.do", "1/b.do"]


def test_late_answer_frees_a_process_from_fallout() -> None:
    world = a_world()
    world.answer("p:customer.verify:1", "done")
    world.answer("p:billing.open:1", "done")
    for _ in range(3):
        world.pass_time(31)
    stuck = world.process.state

    world.answer("p:1/provisioning.activate:1", "done")
    world.answer_all()

    assert stuck == "fallout"
    assert world.process.ended == "completed"


def test_cancelling_undoes_tasks_in_flight_and_ignores_their_late_answers() -> None:
    world = a_world()
    world.answer("p:customer.verify:1", "done")
    world.answer("p:billing.open:1", "done")

    engine.cancel(world.process, "cancel-1", world.now)
    world.step()
    world.answer("p:1/provisioning.activate:1", "done")
    world.answer_all()

    assert world.task_keys(undo=True) == [
        "1/provisioning.activate",
        "billing.open",
        "customer.verify",
    ]
    assert world.process.ended == "cancelled"
    assert order_view(world.process).items["1"].state == "cancelled"


def test_cancelling_past_the_pivot_is_refused_and_changes_nothing() -> None:
    world = a_world()
    for task in ("customer.verify", "billing.open", "1/provisioning.activate"):
        world.answer(f"p:{task}:1", "done")
    before = to_json(world.process)

    with pytest.raises(PastPointOfNoReturn):
        engine.cancel(world.process, "cancel-1", world.now)

    assert to_json(world.process) == before


def test_undo_is_tried_without_limit_and_shows_as_fallout_after_five() -> None:
    world = a_world()
    world.answer("p:customer.verify:1", "done")
    engine.cancel(world.process, "cancel-1", world.now)
    world.step()
    for id_ in world.open_asks():
        if "billing.open" in id_:
            world.answer(id_, "done")

    for _ in range(6):
        [open_id] = world.open_asks()
        world.answer(open_id, "failed", FATAL)
        world.pass_time(61)

    assert world.process.state == "fallout"
    error = world.process.nodes["customer.verify"].error
    assert error
    assert error["code"] == "compensationFailed"
    world.answer_all()
    assert world.process.ended == "cancelled"


def test_one_item_of_two_may_fail_and_the_shared_account_stays() -> None:
    world = a_world(PlannedItem("1", STANDARD), PlannedItem("2", STANDARD))
    world.answer("p:customer.verify:1", "done")
    world.answer("p:billing.open:1", "done")

    world.answer("p:2/provisioning.activate:1", "rejected", REFUSAL)
    world.answer_all()

    assert world.process.ended == "partial"
    assert world.task_keys(undo=True) == []


def test_item_fails_with_the_one_it_relies_on() -> None:
    world = a_world(PlannedItem("1", STANDARD), PlannedItem("2", STANDARD, ("1",)))

    world.answer_all(provisioning_activate=("rejected", REFUSAL))

    assert world.process.ended == "failed"
    assert "2/provisioning.activate" not in world.task_keys()
    assert order_view(world.process).items["2"].code == "reliedOnItemFailed"


def test_nothing_is_sent_before_the_start_that_was_asked_for() -> None:
    process = planned_process("p", [PlannedItem("1", STANDARD)])
    process.start_at = 2000.0
    world = World(process)

    world.start()
    early = list(world.asked)
    state = order_view(world.process).state
    world.pass_time(1001)

    assert (early, state) == ([], "pending")
    assert world.task_keys() == ["customer.verify"]


def test_running_process_has_nothing_to_retry_or_abandon() -> None:
    world = a_world()

    with pytest.raises(NothingToRetry):
        engine.retry(world.process, world.now)
    with pytest.raises(NothingToAbandon):
        engine.abandon(world.process, world.now)


def test_item_without_tasks_is_complete_at_once() -> None:
    world = a_world(PlannedItem("1", None))

    assert world.process.ended == "completed"


def test_process_that_another_release_stored_is_read() -> None:
    stored = orjson.loads(to_json(a_world().process))
    stored["nodes"] = [
        [field for at, field in enumerate(row) if at != len(row) - 1] + ["x"]
        for row in stored["nodes"]
    ]

    process = from_json("p", 1, orjson.dumps(stored))

    assert process.nodes["customer.verify"].state == "sent"
    assert process.nodes["customer.verify"].undo_attempt == 0


@st.composite
def plans(draw: st.DrawFn, name: str) -> FulfilmentPlan:
    """Random graphs: some order-scoped tasks, then item-scoped ones with at most one pivot."""
    shared = draw(st.integers(0, 2))
    own = draw(st.integers(1, 4))
    pivot = draw(st.integers(0, own))
    tasks: list[dict[str, Any]] = []
    for number in range(shared + own):
        before = [task["id"] for task in tasks]
        after = draw(st.lists(st.sampled_from(before), unique=True, max_size=2)) if before else []
        order_scoped = number < shared
        id_ = f"a.s{number}" if order_scoped else f"a.{name}{number}"
        tasks.append(
            {
                "id": id_,
                "type": id_,
                "after": after,
                "scope": "order" if order_scoped else "item",
                "pivot": number - shared == pivot,
                "undo": draw(st.booleans()),
                "onFailure": draw(st.sampled_from(["compensate", "fallout"])),
                "maxAttempts": draw(st.integers(1, 3)),
            }
        )
    return FulfilmentPlan.model_validate({"id": name, "name": name, "task": tasks})


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_whatever_happens_a_process_ends_or_waits_for_a_person(data: st.DataObject) -> None:
    plan = data.draw(plans("x"))
    count = data.draw(st.integers(1, 3))
    relies = data.draw(st.booleans())
    world = World(
        planned_process(
            "p",
            [
                PlannedItem(str(n), plan, (str(n - 1),) if relies and n else ())
                for n in range(count)
            ],
        )
    )
    world.start()
    calm = False
    for turn in itertools.count():
        assert turn < 2000, "never ends"
        if world.process.state == "ended":
            break
        if world.process.state == "fallout" and not world.open_asks():
            _let_a_person_decide(world, data, calm=calm)
        calm = calm or turn > 60
        _something_happens(world, data, calm=calm)

    # An ended process asks for nothing more, and every item has come to an end.
    assert world.process.next_due is None
    assert {item.state for item in world.process.items.values()} <= {"completed", "failed"}
    if world.process.ended in ("failed", "cancelled"):
        kept = any(item.kept for item in world.process.items.values())
        assert kept or all(n.state in SETTLED for n in world.process.nodes.values())


def _something_happens(world: World, data: st.DataObject, *, calm: bool) -> None:
    every = [ask[0] for ask in world.asked]
    open_ids = world.open_asks()
    kinds = ["answer"] if calm and open_ids else ["answer", "answer", "time", "double", "cancel"]
    kind = data.draw(st.sampled_from(kinds if not calm or open_ids else ["time"]))
    if kind == "answer" and open_ids:
        outcome, error = ("done", None) if calm else data.draw(st.sampled_from(OUTCOMES))
        world.answer(data.draw(st.sampled_from(open_ids)), outcome, error)
    elif kind == "double" and every:
        world.answer(data.draw(st.sampled_from(every)), "done")
    elif kind == "cancel" and not world.process.cancelling:
        try:
            engine.cancel(world.process, "c", world.now)
        except PastPointOfNoReturn:
            return
        world.step()
    else:
        world.pass_time(data.draw(st.sampled_from([0.5, 10, 61])) if not calm else 61)


def _let_a_person_decide(world: World, data: st.DataObject, *, calm: bool) -> None:
    act = data.draw(st.sampled_from([engine.retry, engine.abandon])) if not calm else engine.abandon
    act(world.process, world.now)
    world.step()
