"""The query of a hub: which events a subscriber wants (TMF630, `eventType=…&event.…=…`)."""

from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import parse_qsl

import orjson
from dualbus_events.catalogue import EVENT_TYPES
from dualbus_events.document import Document

from dualbus_tmf.filters import Filter, InvalidFilter, parse_filters
from dualbus_tmf.matching import matches

_MAX_LENGTH = 2000
# `event.productOrder.relatedParty.…`: filters on one array hold in the same element of it.
_DEPTH = 3


@dataclass(frozen=True, slots=True)
class EventQuery:
    """`event_types` None means every type; `rest` is held against the notification's body."""

    event_types: frozenset[str] | None
    rest: tuple[Filter, ...]

    @classmethod
    def parse(cls, query: str | None) -> "EventQuery":
        """Raises InvalidFilter for what is no query, a pattern, or `fields`."""
        filters = event_filters(query or "")
        types = [one for one in filters if one.path == ("eventType",) and one.operator == "eq"]
        rest = tuple(one for one in filters if one not in types)
        if not types:
            return cls(None, rest)
        return cls(frozenset.intersection(*(frozenset(one.values) for one in types)), rest)

    def topics(self, offered: Collection[str]) -> list[str]:
        """Those of the offered topics whose events may match."""
        if self.event_types is None:
            return sorted(offered)
        named = {EVENT_TYPES[name].topic.name for name in self.event_types if name in EVENT_TYPES}
        return sorted(named.intersection(offered))

    def wants(self, event_type: str, body: bytes) -> bool:
        """Whether an event matches; its body is parsed only when a filter looks into it."""
        if self.event_types is not None and event_type not in self.event_types:
            return False
        return not self.rest or matches(self.rest, orjson.loads(body), depth=_DEPTH)


def event_filters(query: str) -> list[Filter]:
    """The filters that a query over events is made of. Raises InvalidFilter as `parse` does."""
    if len(query) > _MAX_LENGTH:
        raise InvalidFilter(f"query: more than {_MAX_LENGTH} characters")
    text = query.strip().removeprefix("?")
    if not text:
        return []
    try:
        pairs = parse_qsl(text, keep_blank_values=True, strict_parsing=True)
    except ValueError as error:
        raise InvalidFilter(f"query: {query!r} is not of the form name=value&…") from error
    if any(name == "fields" for name, _ in pairs):
        raise InvalidFilter("query: events are delivered whole, so fields can't be chosen")
    filters = parse_filters(pairs, document=Document)
    if any(one.operator == "regex" for one in filters):
        raise InvalidFilter("query: regex is not offered for events")
    return filters
