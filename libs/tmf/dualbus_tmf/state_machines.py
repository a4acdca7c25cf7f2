"""The state machines of the resources the services hold, one table each."""

from dualbus_tmf.states import StateMachine

_ASSESS = {"inProgress", "pending", "held", "pendingCancellation"}
_WAITING = {"inProgress", "assessingCancellation", "cancelled"}

PRODUCT_ORDER = StateMachine(
    "ProductOrder",
    initial={"acknowledged", "rejected"},
    moves={
        "acknowledged": {"inProgress", "pending"},
        "inProgress": {
            "pending",
            "held",
            "assessingCancellation",
            "completed",
            "failed",
            "partial",
        },
        "pending": _WAITING,
        "held": _WAITING,
        "assessingCancellation": _ASSESS,
        "pendingCancellation": {"cancelled"},
    },
)
"""TMF622 v4, state diagram. A denied cancellation goes back to where the order came from."""

SERVICE_ORDER = StateMachine(
    "ServiceOrder",
    initial={"acknowledged"},
    moves={
        "acknowledged": {"inProgress", "rejected", "assessingCancellation", "cancelled"},
        "inProgress": {
            "pending",
            "held",
            "assessingCancellation",
            "completed",
            "failed",
            "partial",
            "cancelled",
        },
        "pending": _WAITING,
        "held": _WAITING,
        "assessingCancellation": _ASSESS | {"acknowledged"},
        "pendingCancellation": {"cancelled"},
    },
)
"""TMF641 v4.1, state diagram."""

_CANCEL_TASK = {
    "acknowledged": {"inProgress"},
    "inProgress": {"done", "terminatedWithError"},
}

CANCEL_PRODUCT_ORDER = StateMachine(
    "CancelProductOrder", initial={"acknowledged"}, moves=_CANCEL_TASK
)
"""TMF622 v4: the task of cancelling, a resource of its own."""

CANCEL_SERVICE_ORDER = StateMachine(
    "CancelServiceOrder", initial={"acknowledged"}, moves=_CANCEL_TASK
)
"""TMF641 v4.1. Its enumeration says `accepted` where the diagram says `acknowledged`: we use the
diagram's."""

_WAITING_RESOURCE_ORDER = {"inProgress", "cancelled"}

RESOURCE_ORDER = StateMachine(
    "ResourceOrder",
    initial={"acknowledged", "rejected"},
    moves={
        "acknowledged": {"inProgress"},
        "inProgress": {"pending", "held", "completed", "failed", "partial"},
        "pending": _WAITING_RESOURCE_ORDER,
        "held": _WAITING_RESOURCE_ORDER,
    },
)
"""TMF652 v4, state diagram; the definition leaves `state` a free string."""

CANCEL_RESOURCE_ORDER = StateMachine(
    "CancelResourceOrder", initial={"acknowledged"}, moves=_CANCEL_TASK
)
"""TMF652 v4: the task of cancelling, a resource of its own."""

TROUBLE_TICKET = StateMachine(
    "TroubleTicket",
    initial={"acknowledged"},
    moves={
        "acknowledged": {"inProgress", "rejected", "cancelled"},
        "inProgress": {"held", "pending", "resolved", "cancelled"},
        "held": {"inProgress"},
        "pending": {"inProgress", "cancelled"},
        "resolved": {"closed", "inProgress"},
    },
)
"""TMF621 v4: `status`."""

SERVICE_PROBLEM = StateMachine(
    "ServiceProblem",
    initial={"acknowledged"},
    moves={
        "acknowledged": {"inProgress", "rejected", "cancelled"},
        "inProgress": {"held", "pending", "resolved", "cancelled"},
        "held": {"inProgress", "resolved", "cancelled"},
        "pending": {"inProgress", "resolved", "cancelled"},
        "resolved": {"closed", "inProgress"},
        "closed": {"inProgress"},
    },
)
"""TMF656 v4: `status`; as a ticket's, but what waits may be resolved, what is closed reopened."""

PRODUCT_OFFERING_QUALIFICATION = StateMachine(
    "ProductOfferingQualification", initial={"done"}, moves={"done": set()}
)
"""TMF679 v4 draws a task; ours is answered within its POST, so it is born done."""

QUOTE = StateMachine(
    "Quote",
    initial={"inProgress"},
    moves={
        "inProgress": {"pending", "approved", "cancelled"},
        "pending": {"inProgress", "cancelled"},
        "approved": {"accepted", "rejected"},
    },
)
"""TMF648 v4, state diagram."""

PRODUCT = StateMachine(
    "Product",
    initial={"created"},
    moves={
        "created": {"pendingActive", "active"},
        "pendingActive": {"active", "cancelled", "aborted"},
        "active": {"suspended", "pendingTerminate", "terminated"},
        "suspended": {"active"},
        "pendingTerminate": {"terminated"},
    },
)
"""TMF637 v4: `status`."""

SERVICE = StateMachine(
    "Service",
    initial={"feasibilityChecked", "designed", "reserved", "inactive", "active"},
    moves={
        "feasibilityChecked": {"designed", "reserved"},
        "designed": {"reserved", "inactive", "active", "terminated"},
        "reserved": {"inactive", "active", "terminated"},
        "inactive": {"active", "terminated"},
        "active": {"inactive", "terminated"},
    },
)
"""TMF638 v4: `state`. That a service which was never active ends as `terminated` when its order is
compensated is ours: TM Forum draws no way out of designed and reserved."""

MONITOR = StateMachine(
    "Monitor", initial={"InProgress"}, moves={"InProgress": {"InError", "Completed"}}
)
"""TMF640 v4: `state`, as its description lists them."""

CUSTOMER_BILL = StateMachine(
    "CustomerBill",
    initial={"new"},
    moves={
        "new": {"onHold", "validated"},
        "onHold": {"validated"},
        # Most disputes begin with the bill that was sent.
        "validated": {"sent", "onHold"},
        "sent": {"partiallyPaid", "settled", "onHold"},
        "partiallyPaid": {"settled"},
    },
)
"""TMF678 v4 lists the states; the moves are our reading of their descriptions."""

ALARM = StateMachine(
    "Alarm",
    initial={"raised", "updated"},
    moves={"raised": {"updated", "cleared"}, "updated": {"updated", "cleared"}},
)
"""Ours: TMF642 v4 leaves `state` a free string, its conformance kit uses raised and updated."""

STATE_MACHINES = (
    PRODUCT_ORDER,
    SERVICE_ORDER,
    CANCEL_PRODUCT_ORDER,
    CANCEL_SERVICE_ORDER,
    RESOURCE_ORDER,
    CANCEL_RESOURCE_ORDER,
    TROUBLE_TICKET,
    SERVICE_PROBLEM,
    PRODUCT_OFFERING_QUALIFICATION,
    QUOTE,
    PRODUCT,
    SERVICE,
    MONITOR,
    CUSTOMER_BILL,
    ALARM,
)
