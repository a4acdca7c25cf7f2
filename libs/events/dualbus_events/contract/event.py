"""Facts of eai-svc's TMF688: topics. What others post to them rides on one topic of its own."""

from dualbus_events.document import Document
from dualbus_events.tasks import TaskTopic
from dualbus_events.tmforum.documents import defined, defined_topic


@defined("TMF688")
class Topic(Document):
    """TMF688 Topic: a channel of events."""

    name: str | None = None
    header_query: str | None = None
    """What an event of this topic has beside its `event`, as a filter."""
    content_query: str | None = None
    """What its `event` has, as a filter."""


TOPIC = defined_topic("eai", Topic)
TopicDeleteEvent = TOPIC.event("TopicDeleteEvent")

# Beside the catalogue: these are no facts of ours, so no schema of ours says what they hold, and
# the ODS does not show them. They are kept by time, for each stands for itself.
POSTED_EVENTS = TaskTopic("eai.event.v1", owner="eai", key="id of the topic")
