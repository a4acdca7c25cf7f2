"""The fan-out of one order: which messages it makes, how large, and who reads them."""

from collections.abc import Mapping
from dataclasses import dataclass

Offsets = Mapping[str, int]
"""Messages ever written to each topic, or read from it by one group."""


@dataclass(frozen=True, slots=True)
class FanOut:
    """What one order came to, read off the running system.

    `messages` is whole messages per topic, `body_bytes` the mean size of their bodies,
    `readers` the services that read each topic.
    """

    messages: Mapping[str, int]
    body_bytes: Mapping[str, int]
    readers: Mapping[str, frozenset[str]]

    @property
    def total(self) -> int:
        return sum(self.messages.values())

    @property
    def deliveries(self) -> int:
        """How often a message of one order reaches a service."""
        return sum(count * len(self.readers[topic]) for topic, count in self.messages.items())


def per_order(before: Offsets, after: Offsets, *, orders: int) -> dict[str, int]:
    """Whole messages per order and topic; topics that took part in less than half are left out.

    A retry, or an account opened for a new customer, is no part of what every order does.
    """
    means = {topic: (count - before.get(topic, 0)) / orders for topic, count in after.items()}
    return {topic: round(mean) for topic, mean in sorted(means.items()) if round(mean) > 0}


def readers_of(
    messages: Mapping[str, int], before: Mapping[str, Offsets], after: Mapping[str, Offsets]
) -> dict[str, frozenset[str]]:
    """The services whose groups moved on in each topic.

    Groups are named `<service>-svc.<purpose>`, and their offsets given by group.
    """
    return {
        topic: frozenset(
            group.partition("-svc")[0]
            for group, offsets in after.items()
            if offsets.get(topic, 0) > before.get(group, {}).get(topic, 0)
        )
        for topic in messages
    }
