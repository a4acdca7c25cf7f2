"""State machines: the tables, and what a forbidden move says."""

import pytest
from dualbus_kit.errors import Conflict
from dualbus_tmf import state_machines
from dualbus_tmf.state_machines import (
    ALARM,
    CANCEL_PRODUCT_ORDER,
    CUSTOMER_BILL,
    PRODUCT,
    PRODUCT_ORDER,
    SERVICE,
    SERVICE_ORDER,
    STATE_MACHINES,
    TROUBLE_TICKET,
)
from dualbus_tmf.states import IllegalStateMove, StateMachine, mermaid
from hypothesis import given
from hypothesis import strategies as st

ORDER_STATES = {
    "acknowledged",
    "rejected",
    "pending",
    "held",
    "inProgress",
    "assessingCancellation",
    "pendingCancellation",
    "cancelled",
    "completed",
    "failed",
    "partial",
}


def test_both_orders_have_exactly_the_states_of_tm_forum() -> None:
    assert PRODUCT_ORDER.states == SERVICE_ORDER.states == ORDER_STATES


@pytest.mark.parametrize("machine", [PRODUCT_ORDER, SERVICE_ORDER])
def test_ended_orders_move_no_more(machine: StateMachine) -> None:
    assert machine.final == {"rejected", "cancelled", "completed", "failed", "partial"}


@pytest.mark.parametrize(
    ("machine", "final"),
    [
        (CANCEL_PRODUCT_ORDER, {"done", "terminatedWithError"}),
        (TROUBLE_TICKET, {"closed", "rejected", "cancelled"}),
        (PRODUCT, {"terminated", "cancelled", "aborted"}),
        (SERVICE, {"terminated"}),
        (CUSTOMER_BILL, {"settled"}),
        (ALARM, {"cleared"}),
    ],
)
def test_final_states_are_those_that_nothing_leaves(machine: StateMachine, final: set[str]) -> None:
    assert machine.final == final


@pytest.mark.parametrize(
    ("machine", "current", "target"),
    [
        (PRODUCT_ORDER, "acknowledged", "inProgress"),
        (PRODUCT_ORDER, "inProgress", "assessingCancellation"),
        (PRODUCT_ORDER, "assessingCancellation", "held"),
        (PRODUCT_ORDER, "pendingCancellation", "cancelled"),
        (SERVICE_ORDER, "acknowledged", "cancelled"),
        (SERVICE_ORDER, "assessingCancellation", "acknowledged"),
        (TROUBLE_TICKET, "resolved", "inProgress"),
        (PRODUCT, "suspended", "active"),
        (SERVICE, "active", "inactive"),
        (ALARM, "updated", "updated"),
    ],
)
def test_move_of_the_table_is_allowed(machine: StateMachine, current: str, target: str) -> None:
    machine.check(current, target)


@pytest.mark.parametrize(
    ("machine", "current", "target"),
    [
        (PRODUCT_ORDER, "completed", "cancelled"),
        (PRODUCT_ORDER, "acknowledged", "completed"),
        (PRODUCT_ORDER, "acknowledged", "cancelled"),
        (PRODUCT_ORDER, "inProgress", "cancelled"),
        (PRODUCT_ORDER, "pendingCancellation", "inProgress"),
        (PRODUCT_ORDER, "inProgress", "inProgress"),
        (PRODUCT_ORDER, "unheardOf", "inProgress"),
        (SERVICE_ORDER, "inProgress", "rejected"),
        (CANCEL_PRODUCT_ORDER, "acknowledged", "done"),
        (TROUBLE_TICKET, "closed", "inProgress"),
        (PRODUCT, "terminated", "active"),
        (SERVICE, "terminated", "active"),
        (CUSTOMER_BILL, "settled", "new"),
    ],
)
def test_forbidden_move_names_the_resource_and_both_states(
    machine: StateMachine, current: str, target: str
) -> None:
    with pytest.raises(IllegalStateMove) as refused:
        machine.check(current, target, resource_id="r-1")

    assert isinstance(refused.value, Conflict)
    assert f"{machine.name} r-1 can't move from {current} to {target}" in str(refused.value)
    assert refused.value.extra == {"from": current, "to": target}


def test_resource_begins_only_in_an_initial_state() -> None:
    PRODUCT_ORDER.check_initial("rejected")

    with pytest.raises(IllegalStateMove, match="ProductOrder can't be created as completed"):
        PRODUCT_ORDER.check_initial("completed")


@pytest.mark.parametrize("machine", STATE_MACHINES, ids=lambda machine: machine.name)
def test_every_state_can_be_reached_and_every_path_can_end(machine: StateMachine) -> None:
    reached = set(machine.initial)
    while more := {t for s in reached for t in machine.moves.get(s, ())} - reached:
        reached |= more
    ending = set(machine.final)
    while more := {s for s in machine.states if ending & set(machine.moves.get(s, ()))} - ending:
        ending |= more

    assert reached == machine.states
    assert ending == machine.states


@given(st.sampled_from(STATE_MACHINES), st.data())
def test_check_and_table_agree(machine: StateMachine, data: st.DataObject) -> None:
    states = sorted(machine.states)
    current, target = (data.draw(st.sampled_from(states)) for _ in range(2))

    try:
        machine.check(current, target)
        allowed = True
    except IllegalStateMove:
        allowed = False

    assert allowed == (target in machine.moves.get(current, set()))


def test_list_of_machines_is_complete() -> None:
    declared = [m for m in vars(state_machines).values() if isinstance(m, StateMachine)]

    assert list(STATE_MACHINES) == declared


def test_machine_is_drawn_with_its_beginnings_moves_and_ends() -> None:
    machine = StateMachine("Light", initial={"off"}, moves={"off": {"on"}, "on": {"off", "broken"}})

    assert mermaid(machine) == (
        "stateDiagram-v2\n"
        "    [*] --> off\n"
        "    off --> on\n"
        "    on --> broken\n"
        "    on --> off\n"
        "    broken --> [*]\n"
    )
