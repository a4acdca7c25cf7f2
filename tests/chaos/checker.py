"""The oracle: what was committed, against what the log holds and what was applied.

Invariants (bus.md, 4): I1 nothing committed is lost; I2 each key's first applications, and first
records on the log, are in version order; I3 each effect happens once; I4 nothing appears that was
not committed; I5 outbox and lag drain. And before all: what a writer was told is committed, is.
"""

from collections import Counter as Tally
from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field

from tests.chaos.workload import Change


@dataclass(frozen=True)
class Logged:
    """A record as it stands on the log."""

    partition: int
    offset: int
    change: Change
    event_id: str


@dataclass(frozen=True)
class Evidence:
    """Everything there is to compare; `applied` is in order.

    `view_sums` are what each consumer has added up, `state_sum` the versions of all counters.
    """

    acknowledged: Sequence[Change]
    committed: Sequence[Change]
    logged: Sequence[Logged]
    applied: Mapping[int, Sequence[Change]] = field(default_factory=dict)
    parked: Mapping[int, Sequence[Change]] = field(default_factory=dict)
    view_sums: Mapping[int, int] = field(default_factory=dict)
    state_sum: int = 0
    outbox_left: int = 0
    lag: int = 0


@dataclass(frozen=True)
class Counts:
    """What was seen. `logged_again` is allowed after a crash; every other fault is not."""

    committed: int
    logged: int
    applied: int
    parked: int
    withdrawn: int
    never_logged: int
    logged_again: int
    logged_out_of_order: int
    moved_partition: int
    lost: int
    applied_twice: int
    applied_out_of_order: int
    sum_wrong: int
    state_wrong: int
    phantoms: int
    left_in_outbox: int
    lag: int

    def faults(self, *, crashes: bool) -> dict[str, int]:
        """What breaks the promise. Without a crash not even a repeated record is expected."""
        harmless = {"committed", "logged", "applied", "parked"}
        if crashes:
            harmless.add("logged_again")
        return {name: n for name, n in asdict(self).items() if n and name not in harmless}


def examine(evidence: Evidence) -> Counts:
    """Count every way in which the three sides differ."""
    committed = set(evidence.committed)
    on_log = [record.change for record in evidence.logged]
    applied = [change for changes in evidence.applied.values() for change in changes]
    by_offset = sorted(evidence.logged, key=lambda r: (r.partition, r.offset))
    return Counts(
        committed=len(committed),
        logged=len(on_log),
        applied=len(applied),
        parked=sum(map(len, evidence.parked.values())),
        withdrawn=len(set(evidence.acknowledged) - committed),
        never_logged=len(committed - set(on_log)),
        logged_again=_repeats(record.event_id for record in evidence.logged),
        logged_out_of_order=_inversions(record.change for record in by_offset),
        moved_partition=_moved(evidence.logged),
        lost=sum(
            len(_due(evidence, consumer) - set(changes))
            for consumer, changes in evidence.applied.items()
        ),
        applied_twice=sum(_repeats(changes) for changes in evidence.applied.values()),
        applied_out_of_order=sum(_inversions(changes) for changes in evidence.applied.values()),
        sum_wrong=sum(
            abs(evidence.view_sums.get(consumer, 0) - len(_due(evidence, consumer)))
            for consumer in evidence.applied
        ),
        state_wrong=abs(evidence.state_sum - len(committed)),
        phantoms=len((set(on_log) | set(applied)) - committed),
        left_in_outbox=evidence.outbox_left,
        lag=evidence.lag,
    )


def _due(evidence: Evidence, consumer: int) -> set[Change]:
    """What a consumer must have applied: all but what it has set aside."""
    return set(evidence.committed) - set(evidence.parked.get(consumer, ()))


def _repeats(items: Iterable[Hashable]) -> int:
    return sum(count - 1 for count in Tally(items).values())


def _inversions(changes: Iterable[Change]) -> int:
    """First appearances that stand behind a later version of their key."""
    seen: set[Change] = set()
    highest: dict[str, int] = {}
    inversions = 0
    for change in changes:
        if change in seen:
            continue
        seen.add(change)
        inversions += change.version < highest.get(change.key, 0)
        highest[change.key] = max(change.version, highest.get(change.key, 0))
    return inversions


def _moved(logged: Sequence[Logged]) -> int:
    """Keys that stand in more than one partition, where they have no order."""
    partitions: dict[str, set[int]] = defaultdict(set)
    for record in logged:
        partitions[record.change.key].add(record.partition)
    return sum(len(found) - 1 for found in partitions.values())
