"""Compare a topic at its owner and in the ODS, and tell what differs from what is under way."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from dualbus_cli.ods.facts_client import FactsClient, Held, IdRange, Looked

Cause = Literal["missing", "extra", "stale", "ahead", "other body"]
"""What the ODS has: nothing, what its owner has not, an older version, a newer version than its
owner (which lost data), another body of the same version."""
Where = Literal["parked", "outbox", "changing", "unread"]

RANGE_SIZE: Final = 1000
_RANGES_AT_ONCE: Final = 20
_LOOK_AGAIN_SECONDS: Final = 0.2


@dataclass(frozen=True, slots=True)
class Difference:
    """One resource that is not the same; `where` is what holds its messages up, if that is known.

    `parked` is a fault to mend. With `outbox` (not yet relayed), `changing` (the owner wrote
    between two looks) or `unread` (the ODS has not read so far) it is merely in flight.
    """

    id: str
    cause: Cause
    owner_version: int | None
    ods_version: int | None
    where: Where | None

    @property
    def in_flight(self) -> bool:
        return self.where not in (None, "parked")


@dataclass
class Verdict:
    """What a comparison of one topic found. `documents` is how many the owner has."""

    topic: str
    documents: int = 0
    ranges: int = 0
    ranges_compared: int = 0
    differences: list[Difference] = field(default_factory=list)

    @property
    def settled(self) -> list[Difference]:
        """Those that waiting does not mend."""
        return [one for one in self.differences if not one.in_flight]


ReadUpTo = Callable[[str, float], Awaitable[bool]]
"""Waits until the ODS has read all that is on a topic now, or until the given monotonic time."""


class Comparison:
    """One topic: checksums of all ranges, entries of those that differ, single looks at the rest.

    `wait_seconds` is how long what is in flight may take to arrive.
    """

    def __init__(
        self, owner: FactsClient, ods: FactsClient, *, read_up_to: ReadUpTo, wait_seconds: float
    ) -> None:
        self._owner = owner
        self._ods = ods
        self._read_up_to = read_up_to
        self._wait_seconds = wait_seconds
        self.verdict = Verdict(owner.topic)

    async def run(self) -> Verdict:
        """Raises httpx.HTTPError when one of the two does not answer."""
        suspects = await self._suspects()
        until = time.monotonic() + self._wait_seconds
        while suspects:
            self.verdict.differences = await self._look_at(suspects, until)
            suspects = {one.id for one in self.verdict.differences}
            if not any(one.in_flight for one in self.verdict.differences):
                break
            if time.monotonic() >= until:
                break
            await asyncio.sleep(_LOOK_AGAIN_SECONDS)
        return self.verdict

    async def _suspects(self) -> set[str]:
        ranges = await self._owner.ranges(size=RANGE_SIZE)
        self.verdict.ranges = len(ranges)
        suspects: set[str] = set()
        for first in range(0, len(ranges), _RANGES_AT_ONCE):
            chunk = ranges[first : first + _RANGES_AT_ONCE]
            at_owner, at_ods = await asyncio.gather(
                self._owner.checksums(chunk), self._ods.checksums(chunk)
            )
            for ids, owner_sum, ods_sum in zip(chunk, at_owner, at_ods, strict=True):
                self.verdict.documents += owner_sum[0]
                if owner_sum != ods_sum:
                    suspects |= await self._unequal_in(ids)
            self.verdict.ranges_compared += len(chunk)
        return suspects

    async def _unequal_in(self, ids: IdRange) -> set[str]:
        at_owner, at_ods = await asyncio.gather(self._owner.entries(ids), self._ods.entries(ids))
        return unequal(at_owner, at_ods)

    async def _look_at(self, ids: set[str], until: float) -> list[Difference]:
        """One look: the owner, then the ODS once it has read so far, then the owner again."""
        before = await self._owner.lookup(ids)
        read = await self._read_up_to(self._owner.topic, until)
        ods = await self._ods.lookup(ids)
        after = await self._owner.lookup(ids)
        return [
            _difference(id_, before, ods, after, read=read)
            for id_ in sorted(unequal(after.held, ods.held, among=ids))
        ]


def unequal(
    owner: Mapping[str, Held], ods: Mapping[str, Held], among: Iterable[str] | None = None
) -> set[str]:
    """Ids that are not the same on both sides."""
    ids = owner.keys() | ods.keys() if among is None else among
    return {id_ for id_ in ids if owner.get(id_) != ods.get(id_)}


def _difference(id_: str, before: Looked, ods: Looked, after: Looked, *, read: bool) -> Difference:
    owner, held = after.held.get(id_), ods.held.get(id_)
    where: Where | None = None
    if id_ in ods.waiting:
        where = "parked"
    elif id_ in before.waiting or id_ in after.waiting:
        where = "outbox"
    elif before.held.get(id_) != owner:
        where = "changing"
    elif not read:
        where = "unread"
    return Difference(
        id_,
        cause_of(owner, held),
        owner.version if owner else None,
        held.version if held else None,
        where,
    )


def cause_of(owner: Held | None, ods: Held | None) -> Cause:
    """Why two unequal sides differ."""
    if ods is None:
        return "missing"
    if owner is None:
        return "extra"
    if ods.version != owner.version:
        return "stale" if ods.version < owner.version else "ahead"
    return "other body"
