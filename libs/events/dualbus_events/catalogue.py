"""The catalogue: every topic of both buses. Topics are created from it, contracts drawn from it."""

from dualbus_events.contract import assurance, billing, catalog, customer, order, provisioning
from dualbus_events.document import Document
from dualbus_events.facts import EventType, FactTopic
from dualbus_events.tasks import TaskTopic, reply_topic, task_topic

_DOMAINS = (customer, catalog, order, provisioning, billing, assurance)

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

EVENT_TYPES: dict[str, EventType[Document]] = {
    member.name: member
    for domain in _DOMAINS
    for member in vars(domain).values()
    if isinstance(member, EventType)
}


def fact_topic(resource: str) -> FactTopic[Document]:
    """The topic of a resource, by TM Forum's name; KeyError for one nobody owns."""
    return _BY_RESOURCE[resource]


_BY_RESOURCE = {topic.resource: topic for topic in FACT_TOPICS}
