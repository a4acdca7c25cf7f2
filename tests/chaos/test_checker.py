"""The oracle itself: each way to break a promise is seen, and nothing else is."""

from dataclasses import replace

import pytest

from tests.chaos.checker import Evidence, Logged, examine
from tests.chaos.workload import Change

A1, A2, A3 = (Change("a", version, f"n{version}") for version in (1, 2, 3))
B1 = Change("b", 1, "m1")


def _logged(*changes: Change, partition: int = 0) -> list[Logged]:
    return [
        Logged(partition, offset, change, f"{change.key}{change.version}")
        for offset, change in enumerate(changes)
    ]


GOOD = Evidence(
    acknowledged=[A1, A2],
    committed=[A1, A2, A3, B1],
    logged=_logged(A1, B1, A2, A3),
    applied={1: [A1, A2, B1, A3]},
    view_sums={1: 4},
    state_sum=4,
)


def test_a_run_without_fault_has_none() -> None:
    assert examine(GOOD).faults(crashes=False) == {}


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"committed": [A1, A3, B1]}, "withdrawn"),
        ({"logged": _logged(A1, B1, A3)}, "never_logged"),
        ({"logged": _logged(A1, B1, A2, A3, A2)}, "logged_again"),
        ({"logged": _logged(A1, B1, A3, A2)}, "logged_out_of_order"),
        ({"logged": _logged(A1, B1, A2) + _logged(A3, partition=1)}, "moved_partition"),
        ({"applied": {1: [A1, A2, B1]}}, "lost"),
        ({"applied": {1: [A1, A2, B1, A3], 2: []}}, "lost"),
        ({"applied": {1: [A1, A2, B1, A3, A3]}}, "applied_twice"),
        ({"applied": {1: [A2, A1, B1, A3]}}, "applied_out_of_order"),
        ({"view_sums": {1: 5}}, "sum_wrong"),
        ({"state_sum": 5}, "state_wrong"),
        ({"applied": {1: [A1, A2, B1, A3, Change("a", 4, "rolled back")]}}, "phantoms"),
        ({"outbox_left": 1}, "left_in_outbox"),
        ({"lag": 1}, "lag"),
    ],
)
def test_each_fault_is_counted(change: dict[str, object], fault: str) -> None:
    counts = examine(replace(GOOD, **change))  # type: ignore[arg-type]

    assert counts.faults(crashes=False)[fault] > 0


def test_repeated_records_are_no_fault_after_a_crash() -> None:
    repeated = replace(GOOD, logged=_logged(A1, B1, A2, A3, A2))

    assert examine(repeated).faults(crashes=True) == {}


def test_what_is_parked_is_not_lost() -> None:
    parked = replace(GOOD, applied={1: [A1, A2, B1]}, parked={1: [A3]}, view_sums={1: 3})

    assert examine(parked).faults(crashes=False) == {}
