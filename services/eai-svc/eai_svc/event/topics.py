"""Topics as TMF688 has them: those of the catalogue, one per resource and owner."""

from dualbus_events.catalogue import FACT_TOPICS
from dualbus_events.document import Document
from dualbus_events.facts import FactTopic
from dualbus_kit.errors import NotFound
from dualbus_tmf.hrefs import Addressed, href_of

from eai_svc.event.document import Topic

EVENT_API = "/tmf-api/event/v4"
TOPIC_PATH = f"{EVENT_API}/topic"
TOPIC_NAMES = tuple(sorted(topic.name for topic in FACT_TOPICS))
_BY_NAME = {topic.name: topic for topic in FACT_TOPICS}


class TopicNotFound(NotFound):
    code = "topicNotFound"
    reason = "There is no such topic"


def topic_named(name: str) -> FactTopic[Document]:
    """Raises TopicNotFound."""
    try:
        return _BY_NAME[name]
    except KeyError:
        raise TopicNotFound(f"topic {name} does not exist") from None


def shown(addressed: Addressed, topic: FactTopic[Document]) -> Topic:
    """A topic as TMF688 shows it."""
    return Topic(
        id=topic.name,
        href=href_of(addressed, TOPIC_PATH, topic.name),
        name=f"{topic.document.__name__} events of {topic.owner}-svc",
        header_query=f"domain={topic.owner}",
        type_="Topic",
    )
