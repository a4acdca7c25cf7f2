"""Versions that never came: each resource's run 1, 2, 3 … without gaps."""

from collections.abc import Iterable

from prometheus_client import Counter

from ods_svc.projection.facts import ProjectedFact

VERSION_GAPS = Counter(
    "projection_version_gap_total",
    "Events whose resource's version was not the one after the last seen.",
)
_KEPT = 100_000


class VersionGaps:
    """Remembers the last version of the resources that changed last, and counts what is missing.

    A fact carries the full state, so the view is right all the same. A gap says that a message was
    lost, or compacted away while nobody read.
    """

    def __init__(self) -> None:
        self._last: dict[tuple[str, str], int] = {}

    def notice(self, facts: Iterable[ProjectedFact]) -> None:
        """Count the gaps in these facts, which come in the order of the log."""
        for fact in facts:
            key = (fact.resource, fact.id)
            last = self._last.pop(key, None)
            if last is not None and fact.version > last + 1:
                VERSION_GAPS.inc()
            self._last[key] = fact.version
        while len(self._last) > _KEPT:
            del self._last[next(iter(self._last))]
