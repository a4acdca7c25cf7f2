"""`X-Consistency-Token`: what a write answered, and what a read may ask for."""

import re
from typing import NamedTuple

from dualbus_events.catalogue import FACT_TOPICS
from dualbus_kit.errors import Invalid

_ONE = re.compile(r"([A-Za-z]{1,64}):(.{1,200})@([0-9]{1,18})")
_MAX_TOKENS = 50
_RESOURCES = frozenset(topic.resource for topic in FACT_TOPICS)


class MalformedConsistencyToken(Invalid):
    code = "malformedConsistencyToken"
    reason = "X-Consistency-Token is not <resource>:<id>@<version>, or several with commas between"


class Awaited(NamedTuple):
    """A version of a resource that the view must at least show."""

    resource: str
    id: str
    version: int


def parse_tokens(header: str) -> list[Awaited]:
    """Raises MalformedConsistencyToken, naming the token."""
    tokens = [token.strip() for token in header.split(",")]
    if len(tokens) > _MAX_TOKENS:
        raise MalformedConsistencyToken(f"{len(tokens)} tokens; at most {_MAX_TOKENS} are taken")
    return [_parse(token) for token in tokens]


def _parse(token: str) -> Awaited:
    found = _ONE.fullmatch(token)
    if found is None:
        raise MalformedConsistencyToken(f"{token[:100]!r} is not <resource>:<id>@<version>")
    if found[1] not in _RESOURCES:
        raise MalformedConsistencyToken(f"{found[1]} is no resource that is published")
    return Awaited(found[1], found[2], int(found[3]))
