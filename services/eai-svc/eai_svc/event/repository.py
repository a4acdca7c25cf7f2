"""Events that were posted, as lists and single reads find them."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from dualbus_events.aggregate import Aggregate
from dualbus_events.repository import Repository
from dualbus_kit.errors import NotFound

from eai_svc.event import tables
from eai_svc.event.document import PostedEvent


class EventNotFound(NotFound):
    code = "eventNotFound"
    reason = "The topic holds no such event"


class Posted(Aggregate[PostedEvent]):
    """An event never changes: it is written by `posting.py`, and read."""

    document_type = PostedEvent


class PostedEvents(Repository[Posted]):
    aggregate = Posted
    table = tables.event
    columns: ClassVar[Mapping[str, Callable[[Any], object]]] = {
        "topic_id": lambda event: event.topic_id
    }
    not_found = EventNotFound
