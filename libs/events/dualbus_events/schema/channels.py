"""Topics as AsyncAPI's channels, with their messages and the schemas of these."""

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel

from dualbus_events.catalogue import event_types_of
from dualbus_events.facts import FactTopic
from dualbus_events.schema.generator import Schema, definitions
from dualbus_events.schema.messages import MessageHeaders
from dualbus_events.schema.operations import Topic
from dualbus_events.schema.values import message_model, notification

_SCHEMAS = "#/components/schemas/"
_BINDING_VERSION = "0.5.0"
_BOUND_SETTINGS = ("retention.ms", "delete.retention.ms", "max.message.bytes")


def channel(topic: Topic) -> dict[str, Any]:
    """The channel object of a topic. Its messages stand among the components."""
    return {
        "address": topic.name,
        "description": _description(topic),
        "messages": {
            name: {"$ref": f"#/components/messages/{topic.name}.{name}"}
            for name in _message_names(topic)
        },
        "bindings": {
            "kafka": {
                "topic": topic.name,
                "partitions": topic.partitions,
                "topicConfiguration": {
                    "cleanup.policy": [topic.config["cleanup.policy"]],
                    **{s: int(topic.config[s]) for s in _BOUND_SETTINGS if s in topic.config},
                },
                "bindingVersion": _BINDING_VERSION,
            }
        },
    }


def messages(topic: Topic) -> dict[str, Any]:
    """The message objects of a topic, by their names among the components."""
    return {
        f"{topic.name}.{name}": {
            "name": name,
            "contentType": "application/json",
            "headers": {"$ref": f"{_SCHEMAS}{MessageHeaders.__name__}"},
            "payload": _payload(topic, name),
            "correlationId": {"location": "$message.header#/ce_correlationid"},
            "bindings": {
                "kafka": {
                    "key": {"type": "string", "description": topic.key},
                    "bindingVersion": _BINDING_VERSION,
                }
            },
        }
        for name in _message_names(topic)
    }


def schemas(topics: Sequence[Topic]) -> dict[str, Schema]:
    """All schemas that the messages of these topics refer to, by name."""
    facts = [topic for topic in topics if isinstance(topic, FactTopic)]
    models: set[type[BaseModel]] = {MessageHeaders, *(topic.document for topic in facts)}
    models |= {message_model(topic) for topic in topics if not isinstance(topic, FactTopic)}
    return {
        **definitions(sorted(models, key=lambda model: model.__qualname__), at=_SCHEMAS),
        **{_notification_name(topic): notification(topic, {}, at=_SCHEMAS) for topic in facts},
    }


def _description(topic: Topic) -> str:
    if isinstance(topic, FactTopic):
        return f"{topic.owner}-svc's {topic.resource}, whole, after each change of it."
    what = "Answers to tasks of" if topic.carries_replies else "Tasks for"
    return f"{what} {topic.name.split('.')[1]}, taken by {topic.owner}-svc."


def _message_names(topic: Topic) -> list[str]:
    if isinstance(topic, FactTopic):
        return [event_type.name for event_type in event_types_of(topic)]
    return ["TaskReply" if topic.carries_replies else "Task"]


def _payload(topic: Topic, name: str) -> Schema:
    if not isinstance(topic, FactTopic):
        return {"$ref": f"{_SCHEMAS}{message_model(topic).__name__}"}
    of_this_type = {"properties": {"eventType": {"const": name}}}
    return {"allOf": [{"$ref": f"{_SCHEMAS}{_notification_name(topic)}"}, of_this_type]}


def _notification_name(topic: FactTopic[Any]) -> str:
    """Unique among the components: two majors of one resource may stand in one document."""
    return f"{topic.name}.Notification"
