"""A hub as an aggregate: registered, deleted, never changed."""

from collections.abc import Callable, Collection, Mapping
from typing import Any, ClassVar
from urllib.parse import urlsplit

from dualbus_events.aggregate import Aggregate
from dualbus_events.hub_registration import Hub, HubCreateEvent, HubDeleteEvent
from dualbus_events.repository import Repository, document_table
from dualbus_kit.errors import NotFound
from dualbus_kit.ids import new_id
from sqlalchemy import Column, MetaData, Text

from dualbus_tmf.bodies import InvalidBody
from dualbus_tmf.hrefs import Addressed, href_of
from dualbus_tmf.hub.query import EventQuery

_MAX_CALLBACK = 2000


class HubNotFound(NotFound):
    code = "hubNotFound"
    reason = "Nothing is registered under this id"


class HubRegistration(Aggregate[Hub]):
    """Where a subscriber wants events of one API posted to."""

    document_type = Hub

    @classmethod
    def registered(
        cls,
        addressed: Addressed,
        *,
        api: str,
        topics: Collection[str],
        callback: str,
        query: str | None,
        event_key: str | None = None,
    ) -> "HubRegistration":
        """A new one, recorded. `topics` are those of the API, `event_key` narrows them.

        Raises InvalidBody for a callback that nothing can be posted to, InvalidFilter for a query
        that can't be read. Whether the callback's address is allowed is checked at each delivery.
        """
        _check_callback(callback)
        wanted = EventQuery.parse(query)
        hub_id = new_id()
        hub = Hub(
            id=hub_id,
            href=href_of(addressed, f"{api}/hub", hub_id),
            callback=callback,
            query=query,
            api=api,
            # What others post is of any type: that narrows no topic of theirs.
            event_topic=sorted(topics) if event_key else wanted.topics(topics),
            event_key=event_key,
        )
        registration = cls(hub)
        registration.record(HubCreateEvent)
        return registration

    def delete(self) -> None:
        self.record(HubDeleteEvent)


class Hubs(Repository[HubRegistration]):
    aggregate = HubRegistration
    # The bus's migration makes it in every service's database.
    table = document_table("hub", MetaData(), Column("api", Text, nullable=False))
    columns: ClassVar[Mapping[str, Callable[[Any], object]]] = {"api": lambda hub: hub.api}
    not_found = HubNotFound


def _check_callback(callback: str) -> None:
    try:
        parts = urlsplit(callback)
        port = parts.port
    except ValueError as error:
        raise InvalidBody(f"callback: {error}") from error
    if (
        len(callback) > _MAX_CALLBACK
        or not (callback.isascii() and callback.isprintable())
        or " " in callback
    ):
        raise InvalidBody(f"callback: a URL of at most {_MAX_CALLBACK} characters")
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0:
        raise InvalidBody("callback: an absolute http or https URL is needed")
    if "@" in parts.netloc or parts.fragment or parts.query:
        raise InvalidBody("callback: without user, query or fragment")
