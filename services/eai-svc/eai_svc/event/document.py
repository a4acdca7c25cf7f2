"""TMF688's events: as an answer shows any, and those that others post."""

from typing import Annotated, Any

from dualbus_events.document import Document, Moment, RelatedParty, WireModel
from dualbus_events.tmforum.documents import defined
from pydantic import Field

EventTypeName = Annotated[str, Field(pattern=r"^[A-Za-z0-9]{1,100}$")]
"""Part of the path that subscribers are posted to: `…/listener/<eventTypeLowerCamel>`."""


class Event(WireModel):
    """An event as it was published: its owner's notification, or what was posted."""

    event_id: str
    event_time: Moment
    event_type: str
    correlation_id: str
    domain: str | None = None
    event: Any = None


@defined("TMF688", "Event")
class PostedEvent(Document):
    """TMF688 Event that somebody outside states, at a topic of their own."""

    topic_id: str
    event_id: str
    """The sender's own, else the id."""
    event_time: Moment
    event_type: EventTypeName
    correlation_id: str
    event: Any = None
    related_party: list[RelatedParty] | None = None
