"""What may happen to a message: it is delivered, it fails, or it is called off in time."""

from typing import Any, cast

from dualbus_events.contract.customer import (
    COMMUNICATION_MESSAGE,
    CommunicationMessage,
)
from dualbus_kit.clock import utc_now
from dualbus_kit.errors import Conflict
from dualbus_tmf.declaration import DeclaredAggregate
from dualbus_tmf.states import StateMachine

MESSAGE_STATE = StateMachine(
    "CommunicationMessage",
    initial={"initial"},
    moves={
        "initial": {"inProgress", "completed", "failed", "cancelled"},
        "inProgress": {"completed", "failed"},
    },
)
"""TMF681 v4 lists the states; the moves are our reading of them. `initial` is pending."""

STATE_CHANGED = COMMUNICATION_MESSAGE.event("CommunicationMessageStateChangeEvent")


class MessageNotCancellable(Conflict):
    code = "communicationMessageNotCancellable"
    reason = "The message can no longer be called off"


class StateNotTheClients(Conflict):
    code = "communicationMessageStateNotSettable"
    reason = "A client can only cancel a message; its channel says what became of it"


def wait_seconds(message: CommunicationMessage) -> float:
    """Until the scheduled time; 0 for one that is to be sent at once."""
    if message.scheduled_send_time is None:
        return 0.0
    return max((message.scheduled_send_time - utc_now()).total_seconds(), 0.0)


def is_pending(message: DeclaredAggregate) -> bool:
    """Whether nothing became of it yet."""
    return cast(CommunicationMessage, message.document).state == "initial"


def delivered(message: DeclaredAggregate) -> None:
    """The channel took it."""
    _end(message, "completed", send_time_complete=utc_now(), send_time=utc_now())


def not_delivered(message: DeclaredAggregate, reason: str) -> None:
    """The channel refused it, or was asked as often as `tryTimes` allows."""
    _end(message, "failed", status_reason=reason)


def _end(message: DeclaredAggregate, state: str, **attributes: Any) -> None:
    MESSAGE_STATE.check(str(message.document.state), state, resource_id=message.id)
    message.document = message.document.model_copy(update={"state": state, **attributes})
    message.record(STATE_CHANGED)
