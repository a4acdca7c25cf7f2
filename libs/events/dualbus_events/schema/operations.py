"""Who sends to a topic and who receives from it: AsyncAPI's operations."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from dualbus_events.batches import ConsumerSpec
from dualbus_events.catalogue import FACT_TOPICS, TASK_TOPICS, TOPICS
from dualbus_events.document import Document
from dualbus_events.facts import FactTopic
from dualbus_events.tasks import TaskTopic, participant_of, task_topic

Topic = FactTopic[Document] | TaskTopic


@dataclass(frozen=True)
class Operation:
    """A service sends to a topic, or receives from it in a consumer group."""

    service: str
    action: Literal["send", "receive"]
    topic: Topic
    summary: str
    event_types: Sequence[str] | None = None
    """Those it cares about; None: every message of the topic."""
    group: str | None = None

    @property
    def id(self) -> str:
        """Unique in any document: `order-svc.send.<topic>`, `<group>.receive.<topic>`."""
        return f"{self.group or f'{self.service}-svc'}.{self.action}.{self.topic.name}"

    def to_dict(self) -> dict[str, Any]:
        """The operation object; it points to its channel in the same document."""
        channel = f"#/channels/{self.topic.name}"
        found: dict[str, Any] = {
            "action": self.action,
            "channel": {"$ref": channel},
            "summary": self.summary,
        }
        if self.event_types is not None:
            found["messages"] = [{"$ref": f"{channel}/messages/{t}"} for t in self.event_types]
        if self.group is not None:
            group = {"type": "string", "enum": [self.group]}
            found["bindings"] = {"kafka": {"groupId": group, "bindingVersion": "0.5.0"}}
        return found


def sent_by(owner: str) -> list[Operation]:
    """The facts it owns; tasks, if it takes replies; replies, if it takes tasks."""
    facts = [topic for topic in FACT_TOPICS if topic.owner == owner]
    taken = [topic for topic in TASK_TOPICS if topic.owner == owner]
    takes_replies = any(topic.carries_replies for topic in taken)
    takes_tasks = any(not topic.carries_replies for topic in taken)
    messages = [
        topic for topic in TASK_TOPICS if (takes_tasks if topic.carries_replies else takes_replies)
    ]
    return [
        *(Operation(owner, "send", topic, "Every change of the resource.") for topic in facts),
        *(Operation(owner, "send", topic, _carried_by(topic)) for topic in messages),
    ]


def received_by(owner: str, consumer: ConsumerSpec) -> list[Operation]:
    """What one consumer of a service subscribes to."""
    handlers = consumer.handlers
    return [
        Operation(
            owner,
            "receive",
            topic,
            _purpose(topic, handlers.task_types),
            event_types=handlers.event_types(topic.name),
            group=consumer.group,
        )
        for topic in TOPICS
        if topic.name in handlers.topics
    ]


def received_on_the_eai_bus() -> list[Operation]:
    """The one reader that each topic of the EAI bus is for."""
    return [Operation(one.owner, "receive", one, _carried_by(one)) for one in TASK_TOPICS]


def _purpose(topic: Topic, task_types: Sequence[str]) -> str:
    if isinstance(topic, FactTopic):
        return "What the owner says of its resource."
    done = [one for one in task_types if topic.name == task_topic(participant_of(one))]
    return f"Does {', '.join(done)}." if done else _carried_by(topic)


def _carried_by(topic: TaskTopic) -> str:
    return "The answers to tasks." if topic.carries_replies else "Work for the participant."
