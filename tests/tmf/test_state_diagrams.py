"""TM Forum's state diagrams, arrow by arrow: a table of ours has these moves and no other."""

import pytest
from billing_svc.usage import USAGE_STATUS
from dualbus_tmf.state_machines import (
    CANCEL_PRODUCT_ORDER,
    CANCEL_RESOURCE_ORDER,
    CANCEL_SERVICE_ORDER,
    PRODUCT,
    PRODUCT_ORDER,
    QUOTE,
    RESOURCE_ORDER,
    SERVICE_ORDER,
    SERVICE_PROBLEM,
    TROUBLE_TICKET,
)
from dualbus_tmf.states import StateMachine

# From the user guides: TMF622 v4, 641 v4.1, 652, 621, 656, 635, 637, 648 v4.
PRODUCT_ORDER_DIAGRAM = """
    (create) -> acknowledged rejected
    acknowledged -> inProgress pending
    inProgress -> pending held assessingCancellation completed failed partial
    pending -> inProgress assessingCancellation cancelled
    held -> inProgress assessingCancellation cancelled
    assessingCancellation -> inProgress pending held pendingCancellation
    pendingCancellation -> cancelled
"""
SERVICE_ORDER_DIAGRAM = """
    (create) -> acknowledged
    acknowledged -> inProgress rejected assessingCancellation cancelled
    inProgress -> pending held assessingCancellation completed failed partial cancelled
    pending -> inProgress assessingCancellation cancelled
    held -> inProgress assessingCancellation cancelled
    assessingCancellation -> inProgress pending held acknowledged pendingCancellation
    pendingCancellation -> cancelled
"""
RESOURCE_ORDER_DIAGRAM = """
    (create) -> acknowledged rejected
    acknowledged -> inProgress
    inProgress -> pending held completed failed partial
    pending -> inProgress cancelled
    held -> inProgress cancelled
"""
CANCEL_TASK_DIAGRAM = """
    (create) -> acknowledged
    acknowledged -> inProgress
    inProgress -> done terminatedWithError
"""
TROUBLE_TICKET_DIAGRAM = """
    (create) -> acknowledged
    acknowledged -> inProgress rejected cancelled
    inProgress -> held pending resolved cancelled
    held -> inProgress
    pending -> inProgress cancelled
    resolved -> closed inProgress
"""
SERVICE_PROBLEM_DIAGRAM = """
    (create) -> acknowledged
    acknowledged -> inProgress rejected cancelled
    inProgress -> held pending resolved cancelled
    held -> inProgress resolved cancelled
    pending -> inProgress resolved cancelled
    resolved -> closed inProgress
    closed -> inProgress
"""
USAGE_DIAGRAM = """
    (create) -> received
    received -> guided rejected
    guided -> rated rejected
    rated -> rerated billed
    rerated -> rated
    rejected -> recycled
    recycled -> guided rejected
"""
PRODUCT_DIAGRAM = """
    (create) -> created
    created -> pendingActive active
    pendingActive -> active cancelled aborted
    active -> suspended pendingTerminate terminated
    suspended -> active
    pendingTerminate -> terminated
"""
QUOTE_DIAGRAM = """
    (create) -> inProgress
    inProgress -> pending approved cancelled
    pending -> inProgress cancelled
    approved -> accepted rejected
"""

DIAGRAMS = [
    (PRODUCT_ORDER, PRODUCT_ORDER_DIAGRAM),
    (SERVICE_ORDER, SERVICE_ORDER_DIAGRAM),
    (RESOURCE_ORDER, RESOURCE_ORDER_DIAGRAM),
    (CANCEL_PRODUCT_ORDER, CANCEL_TASK_DIAGRAM),
    (CANCEL_SERVICE_ORDER, CANCEL_TASK_DIAGRAM),
    (CANCEL_RESOURCE_ORDER, CANCEL_TASK_DIAGRAM),
    (TROUBLE_TICKET, TROUBLE_TICKET_DIAGRAM),
    (SERVICE_PROBLEM, SERVICE_PROBLEM_DIAGRAM),
    (USAGE_STATUS, USAGE_DIAGRAM),
    (PRODUCT, PRODUCT_DIAGRAM),
    (QUOTE, QUOTE_DIAGRAM),
]


@pytest.mark.parametrize(("machine", "diagram"), DIAGRAMS, ids=[m.name for m, _ in DIAGRAMS])
def test_machine_has_the_moves_of_its_diagram_and_no_other(
    machine: StateMachine, diagram: str
) -> None:
    arrows = [line.strip().split(" -> ") for line in diagram.strip().splitlines()]
    drawn = {state: set(targets.split()) for state, targets in arrows}

    assert drawn.pop("(create)") == set(machine.initial)
    assert drawn == machine.moves
