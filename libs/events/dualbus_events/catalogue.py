"""The catalogue: every topic of both buses. Topics are created from it, contracts drawn from it."""

from dualbus_events.contract import (
    activation,
    alarm_tasks,
    assurance,
    balance,
    billing,
    catalog,
    customer,
    event,
    network_catalog,
    order,
    payment,
    preorder,
    provisioning,
    resource_order,
    service_problem,
    usage_consumption,
)
from dualbus_events.document import Document
from dualbus_events.facts import EventType, FactTopic
from dualbus_events.tasks import TaskTopic, reply_topic, task_topic

_DOMAINS = (
    customer,
    catalog,
    preorder,
    order,
    network_catalog,
    provisioning,
    resource_order,
    activation,
    billing,
    balance,
    payment,
    usage_consumption,
    assurance,
    alarm_tasks,
    service_problem,
    event,
)

FACT_TOPICS: tuple[FactTopic[Document], ...] = tuple(
    member
    for domain in _DOMAINS
    for member in vars(domain).values()
    if isinstance(member, FactTopic)
)

# A participant `vas` is an outside system: eai-svc does its tasks through an adapter.
TASK_TOPICS: tuple[TaskTopic, ...] = (
    TaskTopic(task_topic("customer"), owner="customer"),
    TaskTopic(task_topic("billing"), owner="billing"),
    TaskTopic(task_topic("provisioning"), owner="provisioning"),
    TaskTopic(task_topic("assurance"), owner="assurance"),
    TaskTopic(task_topic("vas"), owner="eai"),
    TaskTopic(reply_topic("order"), owner="order"),
)

TOPICS: tuple[FactTopic[Document] | TaskTopic, ...] = (*FACT_TOPICS, *TASK_TOPICS)

_ALL_EVENT_TYPES: tuple[EventType[Document], ...] = tuple(
    event_type for topic in FACT_TOPICS for event_type in (*topic.events.values(), topic.snapshot)
)

# Two majors of one event may stand side by side: by its name alone, the newest is meant.
EVENT_TYPES: dict[str, EventType[Document]] = {
    event_type.name: event_type
    for event_type in sorted(_ALL_EVENT_TYPES, key=lambda one: one.topic.major)
}
EVENT_TYPES_BY_SCHEMA: dict[str, EventType[Document]] = {
    event_type.dataschema: event_type for event_type in _ALL_EVENT_TYPES
}


def fact_topic(resource: str) -> FactTopic[Document]:
    """The topic of a resource, by TM Forum's name; KeyError for one nobody owns."""
    return _BY_RESOURCE[resource]


def event_types_of(topic: FactTopic[Document] | TaskTopic) -> list[EventType[Document]]:
    """The event types of a topic, as they were declared; none on the EAI bus."""
    return [event_type for event_type in _ALL_EVENT_TYPES if event_type.topic is topic]


_BY_RESOURCE = {topic.resource: topic for topic in sorted(FACT_TOPICS, key=lambda one: one.major)}
