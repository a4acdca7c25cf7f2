"""The counters' next major version: what new code publishes beside the old, and reads."""

from typing import Any

from dualbus_events.document import Document, WireModel
from dualbus_events.facts import FactTopic, OtherMajor

from tests.chaos.workload import PARTITIONS, CounterDocument, counter_topic


class Tally(WireModel):
    count: int


class TallyDocument(Document):
    """Version 2 says `tally.count` where version 1 says `count`: a breaking change."""

    tally: Tally
    nonce: str = ""


def second_major(name: str) -> FactTopic[TallyDocument]:
    """The topic of version 2; `name` is the first one's."""
    return FactTopic(
        f"{name.removesuffix('.v1')}.v2", "chaos", "counter", TallyDocument, partitions=PARTITIONS
    )


def _up(counter: dict[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in counter.items() if name not in ("count", "filling")}
    return {**kept, "tally": {"count": counter["count"]}}


def published_in_both(name: str) -> FactTopic[CounterDocument]:
    """What new code publishes: both versions, in one commit."""
    return FactTopic(
        name,
        "chaos",
        "counter",
        CounterDocument,
        partitions=PARTITIONS,
        beside=(OtherMajor(second_major(name), _up),),
    )


def read_in_both(name: str) -> list[FactTopic[Any]]:
    """What new code reads while both are published."""
    return [counter_topic(name), second_major(name)]
