"""Facts: topics that carry an owner's full resource after each change, and their event types."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Generic, TypeVar
from uuid import UUID

import orjson
from dualbus_kit.causation import Cause

from dualbus_events.document import Document

D = TypeVar("D", bound=Document)

# Each fetch of the client names every partition it reads, in pure Python: 4 ms for 340 of them.
PARTITIONS = 6
REFERENCE_PARTITIONS = 1

SNAPSHOT = "SnapshotEvent"

FACT_TOPIC_CONFIG: Mapping[str, str] = {
    "cleanup.policy": "compact",
    "min.compaction.lag.ms": "604800000",
    "delete.retention.ms": "604800000",
    "max.message.bytes": "1500000",
}


@dataclass(frozen=True, eq=False)
class OtherMajor:
    """The same facts in another major version, published beside until nobody reads it."""

    topic: "FactTopic[Any]"
    translate: Callable[[dict[str, Any]], dict[str, Any]]
    """From the resource as it is stored to that of `topic`, both as JSON. It may not fail."""


@dataclass(frozen=True, eq=False)
class FactTopic(Generic[D]):
    """A topic of the ODS bus. Key: the resource's id. Value: TM Forum's notification body."""

    name: str
    """`<owner>.<resource-in-kebab-case>.v<major>`"""
    owner: str
    resource: str
    """TM Forum's name in lowerCamelCase: the key of the document inside `event`."""
    document: type[D]
    partitions: int = PARTITIONS
    key: str = "id of the resource"
    beside: tuple[OtherMajor, ...] = ()
    """What else each fact is published as, in the same transaction."""
    events: "dict[str, EventType[D]]" = field(default_factory=dict, repr=False)
    """Those that were declared, by name."""

    @property
    def config(self) -> Mapping[str, str]:
        return FACT_TOPIC_CONFIG

    @cached_property
    def major(self) -> int:
        """The major version of the contract: a breaking change is a new topic beside this one."""
        return int(self.name.rpartition(".v")[2])

    @cached_property
    def snapshot(self) -> "EventType[D]":
        """The event type of a state that is told again, at the version it has; nothing changed."""
        name = f"{self.resource[0].upper()}{self.resource[1:]}{SNAPSHOT}"
        return EventType(name=name, topic=self)

    def event(self, name: str) -> "EventType[D]":
        """Declare an event type of this topic, such as `ProductOrderCreateEvent`; once each."""
        return self.events.setdefault(name, EventType(name=name, topic=self))


@dataclass(frozen=True, eq=False)
class EventType(Generic[D]):
    """What happened to a resource: TM Forum's eventType."""

    name: str
    topic: FactTopic[D]

    @cached_property
    def dataschema(self) -> str:
        """Where its owner serves its schema: `ce_dataschema`."""
        return f"/schemas/{self.name}/{self.topic.major}"

    @property
    def deletes(self) -> bool:
        return self.name.endswith("DeleteEvent")


@dataclass(frozen=True)
class Fact(Generic[D]):
    """An event as a handler gets it. The body is parsed when it is first looked at."""

    event_type: str
    topic: FactTopic[D]
    event_id: UUID
    key: str
    version: int
    """The resource's version after this change (`ce_sequence`): 1, 2, 3 … without gaps."""
    customer_id: str | None
    cause: Cause
    """To act in the name of this event: `with caused_by(event.cause): …`"""
    time: str
    value: bytes

    @cached_property
    def body(self) -> dict[str, Any]:
        """The notification: eventId, eventTime, eventType, correlationId, domain, event."""
        parsed = orjson.loads(self.value)
        if not isinstance(parsed, dict):
            raise ValueError(f"event {self.event_id} is not a JSON object")
        return parsed

    @cached_property
    def resource(self) -> dict[str, Any]:
        """The owner's full resource as plain JSON."""
        resource = self.body["event"][self.topic.resource]
        if not isinstance(resource, dict):
            raise ValueError(f"event {self.event_id} holds no {self.topic.resource}")
        return resource

    @cached_property
    def document(self) -> D:
        """The owner's full resource as its model."""
        return self.topic.document.model_validate(self.resource)
