"""Events lost and doubled on the way, compared by id. Pure."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

from dualbus_cli.demo.subscriber import SeenEvent

DEFINITION: Final = (
    "Every change of a resource takes its next version and is one event. Committed: the versions "
    "that the owners' tables gained during the run. Lost: a committed version that the subscriber "
    "never saw; one higher than the ODS's for that resource; a customer's event the subscriber "
    "saw that is not in the ODS's timeline. Doubled: an event id seen again, or a second event "
    "for the same version, at the subscriber or in the timeline. Phantom: an event for a version "
    "that no owner committed."
)


@dataclass(frozen=True)
class OdsEvents:
    """The ODS's version of each resource, and the timelines of the run's customers."""

    versions: Mapping[tuple[str, str], int]
    timeline: Sequence[tuple[str, str, str, int]]
    """(event id, topic, resource id, version)"""


@dataclass(frozen=True)
class TopicCount:
    """One topic's line of the audit."""

    committed: int = 0
    subscriber: int = 0
    ods: int = 0
    lost: int = 0
    doubled: int = 0
    phantom: int = 0


@dataclass(frozen=True)
class Audit:
    """Counts by topic, and their sums."""

    by_topic: Mapping[str, TopicCount]

    def total(self, what: str) -> int:
        return sum(getattr(count, what) for count in self.by_topic.values())


def audit(
    committed: Mapping[tuple[str, str], range],
    seen: Iterable[SeenEvent],
    ods: OdsEvents,
    *,
    customers: AbstractSet[str],
) -> Audit:
    """Compare all three sides; see DEFINITION. `customers` are those of the run."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for (topic, _), versions in committed.items():
        counts[topic]["committed"] += len(versions)
    of_run = _at_subscriber(committed, seen, counts)
    _in_projection(committed, ods, counts)
    _in_timeline({e.event_id: e for e in of_run if e.customer_id in customers}, ods, counts)
    return Audit({topic: TopicCount(**count) for topic, count in sorted(counts.items())})


def _at_subscriber(
    committed: Mapping[tuple[str, str], range],
    seen: Iterable[SeenEvent],
    counts: dict[str, Counter[str]],
) -> list[SeenEvent]:
    """Counts what the subscriber saw of the run, and gives it back."""
    ids: set[str] = set()
    versions: dict[tuple[str, str], Counter[int]] = defaultdict(Counter)
    deleted = set()
    of_run = []
    for event in seen:
        key = (event.topic, event.key)
        if event.event_type.endswith("DeleteEvent"):
            deleted.add(key)
        if event.event_id in ids:
            counts[event.topic]["doubled"] += 1
            continue
        ids.add(event.event_id)
        versions[key][event.version] += 1
        if event.version in committed.get(key, ()):
            of_run.append(event)
            counts[event.topic]["subscriber"] += 1
    for key, wanted in committed.items():
        counts[key[0]]["lost"] += sum(1 for version in wanted if version not in versions[key])
    for key, found in versions.items():
        counts[key[0]]["doubled"] += sum(times - 1 for times in found.values())
        if key not in deleted:
            last = committed[key][-1] if key in committed else None
            # What others commit after the second reading is theirs; only resources that the
            # run changed can be judged.
            late = [] if last is None else [version for version in found if version > last]
            counts[key[0]]["phantom"] += len(late)
    return of_run


def _in_projection(
    committed: Mapping[tuple[str, str], range], ods: OdsEvents, counts: dict[str, Counter[str]]
) -> None:
    for key, wanted in committed.items():
        missing = wanted[-1] - max(ods.versions.get(key, 0), wanted[0] - 1)
        counts[key[0]]["lost"] += max(missing, 0)
        counts[key[0]]["ods"] += len(wanted) - max(missing, 0)


def _in_timeline(
    expected: Mapping[str, SeenEvent], ods: OdsEvents, counts: dict[str, Counter[str]]
) -> None:
    ids = Counter(event_id for event_id, *_ in ods.timeline)
    for event_id, event in expected.items():
        counts[event.topic]["lost"] += event_id not in ids
    twice = Counter((topic, key, version) for _, topic, key, version in ods.timeline)
    for (topic, _, _), times in twice.items():
        counts[topic]["doubled"] += times - 1
