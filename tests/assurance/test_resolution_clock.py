"""The rules of a ticket's clock: what counts, what doesn't, and what a promise is read from."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from assurance_svc.service_level_agreement.promises import Promise, Promises, resolution_target
from assurance_svc.trouble_ticket import resolution_clock as rules
from dualbus_events.contract.assurance import ResolutionClock
from dualbus_events.document import Reference, RelatedParty
from dualbus_tmf.state_machines import TROUBLE_TICKET
from hypothesis import given
from hypothesis import strategies as st

START = datetime(2026, 1, 31, 9, 30, tzinfo=UTC)
STATUSES = ("acknowledged", "inProgress", "held", "pending", "resolved", "closed", "cancelled")
RUNNING = {"acknowledged", "inProgress"}
durations = st.integers(0, 10**9).map(lambda ms: timedelta(milliseconds=ms))
lives = st.lists(st.tuples(st.sampled_from(STATUSES), durations), max_size=20)
targets = st.integers(1, 10**9).map(lambda ms: timedelta(milliseconds=ms))


def a_promise(target: timedelta, *, agreement: str = "a1") -> Promise:
    return Promise(Reference(id=agreement, name="Gold"), Reference(id="gold-repair"), target)


def a_clock(target: timedelta) -> ResolutionClock:
    return rules.started(a_promise(target), "acknowledged", at=START)


def after(
    clock: ResolutionClock, life: list[tuple[str, timedelta]]
) -> tuple[ResolutionClock, datetime]:
    """The clock after staying so long in each status, and the moment that it is then."""
    now = START
    for status, stay in life:
        clock = rules.moved(clock, status, at=now)
        now += stay
    return clock, now


@given(target=targets, life=lives)
def test_only_time_in_the_operators_hands_counts(
    target: timedelta, life: list[tuple[str, timedelta]]
) -> None:
    clock, now = after(a_clock(target), life)

    worked = sum((stay for status, stay in life if status in RUNNING), timedelta())
    assert rules.spent(clock, at=now) == worked


@given(target=targets, life=lives)
def test_deadline_is_what_is_left_from_now_on(
    target: timedelta, life: list[tuple[str, timedelta]]
) -> None:
    clock, now = after(a_clock(target), life)
    resumed = rules.moved(rules.moved(clock, "pending", at=now), "inProgress", at=now)

    assert rules.due_at(resumed) - now == target - rules.spent(clock, at=now)


@given(target=targets, life=lives)
def test_time_has_run_out_exactly_when_as_much_was_worked(
    target: timedelta, life: list[tuple[str, timedelta]]
) -> None:
    clock, now = after(a_clock(target), life)

    worked = sum((stay for status, stay in life if status in RUNNING), timedelta())
    assert rules.has_run_out(clock, at=now) == (worked >= target)


@given(target=targets, life=lives, pause=durations)
def test_a_pause_moves_the_deadline_by_its_own_length(
    target: timedelta, life: list[tuple[str, timedelta]], pause: timedelta
) -> None:
    clock, now = after(a_clock(target), [*life, ("inProgress", timedelta())])

    paused = rules.moved(clock, "held", at=now)
    resumed = rules.moved(paused, "inProgress", at=now + pause)

    assert rules.due_at(paused) == rules.due_at(clock)
    assert rules.due_at(resumed) == rules.due_at(clock) + pause


@given(target=targets, life=lives)
def test_a_breach_is_told_once_and_at_the_moment_it_happened(
    target: timedelta, life: list[tuple[str, timedelta]]
) -> None:
    clock = rules.moved(a_clock(target), "inProgress", at=START)
    late = rules.due_at(clock) + timedelta(hours=1)

    marked = rules.breached(clock)
    for status, _ in life:
        marked = rules.moved(marked, status, at=late)

    assert rules.has_run_out(clock, at=late)
    assert marked.breached_at == START + target
    assert not rules.has_run_out(marked, at=late + timedelta(days=1))


def test_a_clock_that_was_set_back_takes_nothing_back() -> None:
    clock = a_clock(timedelta(hours=4))

    assert rules.spent(clock, at=START - timedelta(hours=1)) == timedelta()


def test_every_status_of_the_definition_has_its_clock_state() -> None:
    states = {status: rules.clock_state(status) for status in TROUBLE_TICKET.states}

    assert states == {
        "acknowledged": "running",
        "inProgress": "running",
        "held": "paused",
        "pending": "paused",
        "resolved": "stopped",
        "closed": "stopped",
        "cancelled": "stopped",
        "rejected": "stopped",
    }


def test_only_a_stricter_promise_changes_a_running_clock() -> None:
    clock = a_clock(timedelta(hours=4))

    longer = rules.promised(clock, a_promise(timedelta(hours=8)))
    shorter = rules.promised(clock, a_promise(timedelta(hours=1), agreement="a2"))

    assert longer is clock
    assert shorter.target == timedelta(hours=1)
    assert shorter.service_level_agreement.id == "a2"
    assert shorter.since == clock.since


def test_the_strictest_of_the_promises_on_what_a_ticket_is_about_holds() -> None:
    promises = Promises()
    slow = a_promise(timedelta(hours=8), agreement="a1")
    quick = a_promise(timedelta(hours=2), agreement="a2")
    promises.add(slow, service_id="s1", product_id="p1")
    promises.add(quick, service_id="s2", product_id=None)

    def strictest(*entities: tuple[str, str]) -> Promise | None:
        named = [RelatedParty(id=id_, role=role) for id_, role in entities]
        return promises.strictest_for(named)

    assert strictest(("p1", "product"), ("s2", "affectedService")) == quick
    assert strictest(("p1", "product"), ("s2", "bill")) == slow
    assert strictest(("a1", "serviceLevelAgreement")) == slow
    assert strictest(("", "product")) is None
    assert strictest() is None


def an_objective(target: object, **changes: Any) -> dict[str, Any]:
    parameter = {"name": "Mean time to repair", "unit": "hours"} | changes
    return {
        "id": "o",
        "conformanceComparator": "<=",
        "conformanceTarget": target,
        "serviceLevelObjectiveParameter": parameter,
    }


@pytest.mark.parametrize(
    ("objective", "target"),
    [
        (an_objective("4"), timedelta(hours=4)),
        (an_objective("0.5"), timedelta(minutes=30)),
        (an_objective("90", unit="Minutes"), timedelta(minutes=90)),
        (an_objective("2", unit="day"), timedelta(days=2)),
        (an_objective("4", unit=None), timedelta(hours=4)),
        (an_objective("4", name="timeToResolve"), timedelta(hours=4)),
        (an_objective("0.000001", unit="seconds"), timedelta(milliseconds=1)),
        (an_objective("4", name="Availability a month"), None),
        (an_objective("4", unit="percent"), None),
        (an_objective("four"), None),
        (an_objective("0"), None),
        (an_objective("-1"), None),
        (an_objective("NaN"), None),
        (an_objective("1e999999"), None),
        (an_objective("4") | {"conformanceComparator": ">="}, None),
        ({"id": "o", "conformanceComparator": "<"}, None),
    ],
)
def test_a_promise_is_read_only_from_an_objective_about_repair(
    objective: dict[str, Any], target: timedelta | None
) -> None:
    assert resolution_target(objective) == target
