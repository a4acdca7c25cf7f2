"""Tasks and replies: the EAI bus. One participant does a task, once, and answers it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import orjson
from dualbus_kit.causation import Cause

from dualbus_events.facts import PARTITIONS

TASK_TOPIC_CONFIG: Mapping[str, str] = {
    "cleanup.policy": "delete",
    "retention.ms": "604800000",
    "max.message.bytes": "1500000",
}


@dataclass(frozen=True)
class TaskTopic:
    """A topic of the EAI bus, `task.<participant>.v1` or `task-reply.<owner>.v1`."""

    name: str
    owner: str
    """The service that reads it."""
    partitions: int = PARTITIONS
    key: str = "id of the process"
    config: Mapping[str, str] = field(default_factory=lambda: TASK_TOPIC_CONFIG)

    @property
    def carries_replies(self) -> bool:
        return self.name.startswith("task-reply.")


HEARTBEAT_TOPIC = TaskTopic(
    "heartbeat.v1",
    owner="ods",
    partitions=1,
    key="short name of the service",
    config={"cleanup.policy": "delete", "retention.ms": "3600000"},
)
"""How far each service's outbox is known to be published; see `heartbeat.py`."""


def task_topic(participant: str) -> str:
    """The topic a participant takes its tasks from."""
    return f"task.{participant}.v1"


def reply_topic(owner: str) -> str:
    """The topic a process manager takes its replies from."""
    return f"task-reply.{owner}.v1"


def participant_of(task_type: str) -> str:
    """`billing.open` is done by `billing`: the word before the first dot."""
    return task_type.partition(".")[0]


Outcome = Literal["done", "rejected", "failed"]


@dataclass(frozen=True)
class TaskError:
    """Why a task was not done. `kind` is `business` for a refusal, `technical` for a fault."""

    code: str
    message: str
    kind: Literal["business", "technical"] = "technical"
    retryable: bool = False

    def to_dict(self) -> dict[str, Any]:
        """The wire form: the kind travels as `class`."""
        return {
            "code": self.code,
            "message": self.message,
            "class": self.kind,
            "retryable": self.retryable,
        }

    @classmethod
    def from_dict(cls, body: Mapping[str, Any]) -> "TaskError":
        return cls(
            code=str(body["code"]),
            message=str(body.get("message", "")),
            kind="business" if body.get("class") == "business" else "technical",
            retryable=bool(body.get("retryable", False)),
        )


@dataclass(frozen=True)
class Task:
    """One piece of work for one participant.

    `type` is `<participant>.<verb>`, or `<participant>.<verb>.undo` to take a task back: then
    `payload["undoes"]` is the id of the task to undo, beside that task's own payload and result.
    """

    task_id: str
    process_id: str
    type: str
    payload: Mapping[str, Any]
    deadline: str
    reply_to: str
    customer_id: str | None
    cause: Cause

    def body(self) -> bytes:
        """The message's value."""
        return orjson.dumps(
            {
                "taskId": self.task_id,
                "processId": self.process_id,
                "type": self.type,
                "deadline": self.deadline,
                "replyTo": self.reply_to,
                "payload": self.payload,
            }
        )


@dataclass(frozen=True)
class TaskOutcome:
    """What came of a task. Build it with `done`, `rejected` or `failed`."""

    outcome: Outcome
    result: Mapping[str, Any] = field(default_factory=dict)
    error: TaskError | None = None


def done(result: Mapping[str, Any] | None = None) -> TaskOutcome:
    """The task was done; `result` is handed to the tasks that come after it."""
    return TaskOutcome("done", result or {})


def rejected(code: str, message: str) -> TaskOutcome:
    """A business rule says no. Trying again would not help."""
    return TaskOutcome("rejected", error=TaskError(code, message, "business"))


def failed(code: str, message: str, *, retryable: bool = False) -> TaskOutcome:
    """A technical fault. Retryable ones are tried again by the process manager."""
    return TaskOutcome("failed", error=TaskError(code, message, "technical", retryable))


@dataclass(frozen=True)
class TaskReply:
    """A participant's answer, as the process manager gets it."""

    task_id: str
    process_id: str
    outcome: Outcome
    result: Mapping[str, Any]
    error: TaskError | None
    customer_id: str | None
    cause: Cause


def reply_body(task_id: str, process_id: str, outcome: TaskOutcome) -> bytes:
    """The value of a reply message."""
    body: dict[str, Any] = {
        "taskId": task_id,
        "processId": process_id,
        "outcome": outcome.outcome,
        "result": outcome.result,
    }
    if outcome.error is not None:
        body["error"] = outcome.error.to_dict()
    return orjson.dumps(body)
