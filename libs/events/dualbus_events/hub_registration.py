"""Registrations of webhooks: stored where they were made, handed to eai-svc over a topic of ours.

The topic is no part of the catalogue: nobody outside reads it, and the ODS does not show it.
"""

from dualbus_events.document import Document
from dualbus_events.facts import REFERENCE_PARTITIONS, FactTopic


class Hub(Document):
    """TMF630 hub: where events go, and which ones."""

    callback: str
    """Events are posted to `<callback>/listener/<eventTypeLowerCamel>`."""
    query: str | None = None
    """TMF630 query over the event; without one, every event of the API."""
    api: str
    """The base path of the API it was registered at."""
    event_topic: list[str]
    """Topics whose events may match."""
    event_key: str | None = None
    """Of these topics, only events with this key."""


# Written by the service that was asked, read by eai-svc, which delivers.
HUB = FactTopic("eai.hub.v1", "eai", "hub", Hub, partitions=REFERENCE_PARTITIONS)
HubCreateEvent = HUB.event("HubCreateEvent")
HubDeleteEvent = HUB.event("HubDeleteEvent")
