"""Sample messages, made from the schemas: as the library publishes them, the same every time."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5

import orjson
from dualbus_events.aggregate import RecordedEvent
from dualbus_events.catalogue import event_types_of
from dualbus_events.document import Document
from dualbus_events.facts import EventType, FactTopic
from dualbus_events.outbox import (
    OutboxMessage,
    ReplyAddress,
    fact_message,
    reply_message,
    task_message,
)
from dualbus_events.schema.generator import Schema, definitions
from dualbus_events.schema.operations import Topic
from dualbus_events.tasks import Task, TaskOutcome, TaskTopic, done, failed, rejected
from dualbus_kit.causation import Cause

_TIME: Final = "2026-11-30T09:30:00.000Z"
_CAUSE: Final = Cause(
    correlation_id="019ad3c0-0000-7000-8000-000000000001",
    causation_id="019ad3c0-0000-7000-8000-000000000002",
    traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
)
_PROCESS: Final = "019ad3c0-0000-7000-8000-000000000003"
_CUSTOMER: Final = "jane"


@dataclass(frozen=True)
class Sample:
    """A message as it stands on the log."""

    topic: str
    key: str
    headers: dict[str, str]
    value: dict[str, Any]

    def to_json(self) -> bytes:
        """One line of a file of samples."""
        return orjson.dumps(
            {"topic": self.topic, "key": self.key, "headers": self.headers, "value": self.value}
        )

    @classmethod
    def from_json(cls, line: bytes | str) -> "Sample":
        return cls(**orjson.loads(line))


def samples_of(topic: Topic) -> list[Sample]:
    """Every event type with everything in it; and once with only what is required."""
    messages = _messages(topic) if isinstance(topic, TaskTopic) else _facts(topic)
    return [_sample(message, number) for number, message in enumerate(messages)]


def _facts(topic: FactTopic[Document]) -> Iterator[OutboxMessage]:
    types = event_types_of(topic)
    for event_type in types:
        yield _fact(event_type, full=True)
    yield _fact(types[0], full=False)


def _fact(event_type: EventType[Document], *, full: bool) -> OutboxMessage:
    topic = event_type.topic
    event = RecordedEvent(event_type, 1, _resource(topic, full=full), _TIME, _CAUSE)
    customer = _CUSTOMER if full else None
    return fact_message(f"{topic.owner}-svc", event, key=_id_of(topic), customer_id=customer)


def _messages(topic: TaskTopic) -> Iterator[OutboxMessage]:
    participant = topic.name.split(".")[1]
    task_type = f"{'billing' if topic.carries_replies else participant}.sample"
    task_id = str(uuid5(NAMESPACE_URL, f"{topic.name}/task"))
    if not topic.carries_replies:
        task = Task(
            task_id=task_id,
            process_id=_PROCESS,
            type=task_type,
            payload={"customerId": _CUSTOMER},
            deadline=_TIME,
            reply_to="task-reply.order.v1",
            customer_id=_CUSTOMER,
            cause=_CAUSE,
        )
        yield task_message("order-svc", task)
        return
    address = ReplyAddress(task_id, task_type, _PROCESS, topic.name, _CUSTOMER, _CAUSE)
    outcomes: list[TaskOutcome] = [
        done({"accountId": "1"}),
        rejected("notAllowed", "A rule says no"),
        failed("unreachable", "It does not answer", retryable=True),
    ]
    for outcome in outcomes:
        yield reply_message("billing-svc", address, outcome)


def _sample(message: OutboxMessage, number: int) -> Sample:
    """The message, with the id and time that it was given just now made the same every time."""
    headers = orjson.loads(message.headers)
    value = orjson.loads(message.payload)
    fixed = str(uuid5(NAMESPACE_URL, f"{message.topic}/{number}"))
    headers |= {"ce_id": fixed, "ce_time": _TIME}
    if "eventId" in value:
        value["eventId"] = fixed
    return Sample(message.topic, message.key, headers, value)


def _id_of(topic: FactTopic[Document]) -> str:
    return str(uuid5(NAMESPACE_URL, topic.name))


def _resource(topic: FactTopic[Document], *, full: bool) -> bytes:
    schemas = definitions([topic.document], at="")
    resource = _Instances(schemas, full=full).of(schemas[topic.document.__name__], topic.resource)
    return orjson.dumps({**resource, "id": _id_of(topic)})


_TEXTS: Final = {"date-time": _TIME, "duration": "PT4H"}
"""Texts of a format; any other says which attribute it is."""
_SAID_NOWHERE: Final = ("@baseType", "@schemaLocation")
"""Every part of every resource may have them; samples would say little else."""


class _Instances:
    """Instances of schemas whose references are the names of `schemas`."""

    def __init__(self, schemas: dict[str, Schema], *, full: bool) -> None:
        self._schemas = schemas
        self._full = full
        self._open: list[str] = []

    def of(self, schema: Schema, name: str) -> Any:
        """An instance; texts say which attribute they are."""
        if "$ref" in schema:
            return self._referred(schema["$ref"], name)
        if "const" in schema or "enum" in schema:
            return schema["const"] if "const" in schema else schema["enum"][0]
        if "anyOf" in schema:
            return self.of(schema["anyOf"][0], name)
        return self._typed(schema, name)

    def _typed(self, schema: Schema, name: str) -> Any:
        match schema.get("type"):
            case "object":
                return self._object(schema)
            case "array":
                return [self.of(schema.get("items", {}), name)]
            case "integer":
                return schema.get("minimum", 1)
            case "number":
                return schema.get("minimum", 12.5)
            case "boolean":
                return True
            case _:
                return _TEXTS.get(schema.get("format", ""), name)

    def _object(self, schema: Schema) -> dict[str, Any]:
        required = schema.get("required", [])
        return {
            name: schema["title"] if name == "@type" else self.of(attribute, name)
            for name, attribute in schema.get("properties", {}).items()
            if name in required
            or (self._full and name not in _SAID_NOWHERE and self._ends(attribute))
        }

    def _referred(self, reference: str, name: str) -> Any:
        self._open.append(reference)
        try:
            return self.of(self._schemas[reference], name)
        finally:
            self._open.pop()

    def _ends(self, schema: Schema) -> bool:
        """False inside a resource that holds its own kind: a sample holds it once."""
        inner = schema.get("items", schema)
        return inner.get("$ref") not in self._open
