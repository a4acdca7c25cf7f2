"""TMF688's topics: those of the catalogue, one per resource and owner, and posted ones."""

from dualbus_events.catalogue import FACT_TOPICS
from dualbus_events.contract.event import TOPIC, Topic
from dualbus_events.repository import AlreadyExists
from dualbus_events.service import RunningService
from dualbus_kit.errors import Conflict, NotFound
from dualbus_tmf.declaration import DeclaredAggregate
from dualbus_tmf.defined_resource import declare_defined
from dualbus_tmf.hrefs import Addressed, href_of
from dualbus_tmf.hub.query import event_filters

from eai_svc.event import tables

EVENT_API = "/tmf-api/event/v4"
TOPIC_PATH = f"{EVENT_API}/topic"
OWNERS_TOPICS = {topic.name: topic for topic in FACT_TOPICS}
"""Those of the catalogue, by their ids."""


class TopicNotFound(NotFound):
    code = "topicNotFound"
    reason = "There is no such topic"


class TopicHasOwner(Conflict):
    code = "topicHasOwner"
    reason = "Only the service that owns the resource states the facts of this topic"


def check_queries(topic: Topic) -> None:
    """Raises InvalidFilter for a query that can't be read."""
    event_filters(topic.header_query or "")
    event_filters(topic.content_query or "")


TOPIC_RESOURCE = declare_defined(
    TOPIC,
    table=tables.topic,
    # Deleting takes hubs and events along: see `deletion.py`.
    operations=frozenset(("read", "create")),
    check=check_queries,
    not_found=TopicNotFound,
)


def check_not_owned(topic_id: str) -> None:
    """Raises TopicHasOwner for a topic of the catalogue."""
    if topic_id in OWNERS_TOPICS:
        raise TopicHasOwner(f"topic {topic_id} is {OWNERS_TOPICS[topic_id].owner}-svc's")


async def store_owners_topics(service: RunningService) -> None:
    """Make the topics of the catalogue resources like all others, once, and keep them up to date.

    One that left the catalogue stays: an older process may still know it.
    """
    try:
        async with service.database.unit_of_work() as uow:
            stored = await uow.find(TOPIC_RESOURCE.repository, list(OWNERS_TOPICS))
            for name in OWNERS_TOPICS:
                shown = _shown(service.settings, name)
                if name in stored:
                    stored[name].patch({"name": shown.name, "headerQuery": shown.header_query})
                else:
                    uow.add(_created(shown))
    except AlreadyExists:
        return  # another process that starts now has stored them all


def _created(topic: Topic) -> DeclaredAggregate:
    aggregate = TOPIC_RESOURCE.aggregate(topic)
    aggregate.record(TOPIC_RESOURCE.declaration.create)
    return aggregate


def _shown(addressed: Addressed, name: str) -> Topic:
    topic = OWNERS_TOPICS[name]
    return Topic.model_validate(
        {
            "@type": "Topic",
            "id": name,
            "href": href_of(addressed, TOPIC_PATH, name),
            "name": f"{topic.document.__name__} events of {topic.owner}-svc",
            "headerQuery": f"domain={topic.owner}",
        }
    )
