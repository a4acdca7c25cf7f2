"""Received records as handlers see them: facts, tasks, replies, each with its cause."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
from dualbus_kit.causation import Cause
from dualbus_kit.errors import Invalid
from dualbus_kit.tracing import valid_traceparent

from dualbus_events.broker import ReceivedRecord
from dualbus_events.facts import Fact, FactTopic
from dualbus_events.tasks import Task, TaskError, TaskReply


class UnreadableMessage(Invalid):
    code = "unreadableMessage"
    reason = "The message can't be read"


@dataclass(frozen=True, slots=True)
class Envelope:
    """A record and its CloudEvents attributes (binary mode: they ride in the headers)."""

    record: ReceivedRecord
    event_id: UUID
    event_type: str
    version: int
    customer_id: str | None
    cause: Cause
    time: str


def open_envelope(record: ReceivedRecord) -> Envelope:
    """Read the headers. Raises UnreadableMessage when a required one is missing or malformed."""
    headers = dict(record.headers)
    try:
        event_id = headers["ce_id"].decode()
        customer_id = headers.get("ce_customerid")
        traceparent = headers.get("traceparent")
        return Envelope(
            record=record,
            event_id=UUID(event_id),
            event_type=headers["ce_type"].decode(),
            version=int(headers.get("ce_sequence", b"0")),
            customer_id=customer_id.decode() if customer_id else None,
            cause=Cause(
                correlation_id=headers["ce_correlationid"].decode(),
                causation_id=event_id,
                traceparent=valid_traceparent(traceparent.decode()) if traceparent else None,
            ),
            time=headers["ce_time"].decode(),
        )
    except (KeyError, ValueError, AttributeError) as error:
        # AttributeError: a header without a value.
        raise UnreadableMessage(f"header {error}") from error


def fact_of(envelope: Envelope, topic: FactTopic[Any]) -> Fact[Any]:
    """The fact a record carries; its body is parsed only when a handler looks at it."""
    return Fact(
        event_type=envelope.event_type,
        topic=topic,
        event_id=envelope.event_id,
        key=envelope.record.key.decode(),
        version=envelope.version,
        customer_id=envelope.customer_id,
        cause=envelope.cause,
        time=envelope.time,
        value=envelope.record.value,
    )


def task_of(envelope: Envelope) -> Task:
    """The task a record carries. Raises UnreadableMessage when it is not one."""
    body = _json_object(envelope.record)
    try:
        payload = body["payload"]
        if not isinstance(payload, dict):
            raise UnreadableMessage("the payload of a task is an object")
        return Task(
            task_id=str(body["taskId"]),
            process_id=str(body["processId"]),
            type=str(body["type"]),
            payload=payload,
            deadline=str(body["deadline"]),
            reply_to=str(body["replyTo"]),
            customer_id=envelope.customer_id,
            cause=envelope.cause,
        )
    except KeyError as error:
        raise UnreadableMessage(f"a task needs {error}") from error


def reply_of(envelope: Envelope) -> TaskReply:
    """The reply a record carries. Raises UnreadableMessage when it is not one."""
    body = _json_object(envelope.record)
    try:
        error = body.get("error")
        if body["outcome"] not in ("done", "rejected", "failed"):
            raise UnreadableMessage(f"outcome {body['outcome']!r} is none that a task can have")
        return TaskReply(
            task_id=str(body["taskId"]),
            process_id=str(body["processId"]),
            outcome=body["outcome"],
            result=body.get("result") or {},
            error=TaskError.from_dict(error) if error else None,
            customer_id=envelope.customer_id,
            cause=envelope.cause,
        )
    except KeyError as error:
        raise UnreadableMessage(f"a reply needs {error}") from error


def _json_object(record: ReceivedRecord) -> Mapping[str, Any]:
    try:
        body = orjson.loads(record.value)
    except orjson.JSONDecodeError as error:
        raise UnreadableMessage(f"the body is not JSON: {error}") from error
    if not isinstance(body, dict):
        raise UnreadableMessage("the body is not a JSON object")
    return body
