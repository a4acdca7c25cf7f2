"""JSON Schemas of what the topics carry: by event type, as served, and by topic, as released."""

from functools import cache
from typing import Any

from pydantic import BaseModel

from dualbus_events.document import Document
from dualbus_events.facts import EventType, FactTopic
from dualbus_events.schema.generator import Schema, definitions
from dualbus_events.schema.messages import MessageHeaders, TaskMessage, TaskReplyMessage
from dualbus_events.tasks import TaskTopic

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_LOCAL = "#/$defs/"


@cache
def event_schema(event_type: EventType[Document]) -> Schema:
    """The schema of an event's value: TM Forum's notification around the resource."""
    return {
        "$schema": DIALECT,
        "$id": event_type.dataschema,
        "title": event_type.name,
        **notification(event_type.topic, {"const": event_type.name}, at=_LOCAL),
        "$defs": definitions([event_type.topic.document], at=_LOCAL),
    }


def notification(topic: FactTopic[Document], event_type: Schema, *, at: str) -> Schema:
    """TM Forum's notification body around a topic's resource, whose schema is found `at`."""
    resource = {"$ref": at + topic.document.__name__}
    return {
        "type": "object",
        "required": ["eventId", "eventTime", "eventType", "correlationId", "domain", "event"],
        "properties": {
            "eventId": {"type": "string", "format": "uuid"},
            "eventTime": {"type": "string", "format": "date-time"},
            "eventType": {"type": "string", **event_type},
            "correlationId": {"type": "string"},
            "domain": {"const": topic.owner, "type": "string"},
            "event": {
                "type": "object",
                "required": [topic.resource],
                "properties": {topic.resource: resource},
            },
        },
    }


def message_model(topic: TaskTopic) -> type[BaseModel]:
    """What a topic of the EAI bus carries: tasks, or the replies to them."""
    return TaskReplyMessage if topic.carries_replies else TaskMessage


@cache
def message_schema(model: type[BaseModel], address: str | None = None) -> Schema:
    """The schema of a message that has one model, with its `$id` where it is served."""
    found = definitions([model], at=_LOCAL)
    identity: Schema = {"$id": address} if address else {}
    whole = {"$schema": DIALECT, **identity, **found.pop(model.__name__)}
    return {**whole, "$defs": found} if found else whole


def headers_schema() -> Schema:
    """The schema of every message's headers, as an object of texts."""
    return message_schema(MessageHeaders)


def topic_schema(topic: FactTopic[Document] | TaskTopic, event_types: list[str]) -> Schema:
    """The schema of every value of a topic, and beside it what Kafka's part of the contract is.

    `x-kafka` holds the topic's name, key, number of partitions and clean-up policy. New event
    types may come at any time, so the known ones are an extensible list, not an `enum`.
    """
    kafka: dict[str, Any] = {
        "topic": topic.name,
        "key": topic.key,
        "partitions": topic.partitions,
        "cleanup.policy": topic.config["cleanup.policy"],
    }
    if isinstance(topic, TaskTopic):
        return {"title": topic.name, **message_schema(message_model(topic)), "x-kafka": kafka}
    return {
        "$schema": DIALECT,
        "title": topic.name,
        "x-kafka": kafka,
        **notification(topic, {"x-extensible-enum": event_types}, at=_LOCAL),
        "$defs": definitions([topic.document], at=_LOCAL),
    }
