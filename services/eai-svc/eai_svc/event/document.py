"""TMF688's documents."""

from typing import Any

from dualbus_events.document import Document, Moment, WireModel


class Topic(Document):
    """A channel of events: one resource of one service."""

    name: str
    header_query: str
    """What all its events have in common, as a filter."""


class Event(WireModel):
    """An event as it was published: TM Forum's notification around the owner's full resource."""

    event_id: str
    event_time: Moment
    event_type: str
    correlation_id: str
    domain: str
    event: dict[str, Any]
