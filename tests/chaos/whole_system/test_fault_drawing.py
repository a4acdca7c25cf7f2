"""A seed draws the same faults every time, and every part gets its turn."""

import random

from tests.chaos.whole_system.faults import draw_faults

_PARTS = [f"part-{number}" for number in range(20)]


def test_a_seed_draws_the_same_faults_again() -> None:
    first = draw_faults(random.Random(7), _PARTS, seconds=300)

    assert draw_faults(random.Random(7), _PARTS, seconds=300) == first
    assert draw_faults(random.Random(8), _PARTS, seconds=300) != first


def test_every_part_fails_before_any_fails_again() -> None:
    faults = draw_faults(random.Random(7), _PARTS, seconds=1_000)

    assert len({fault.part for fault in faults[: len(_PARTS)]}) == len(_PARTS)
    assert len(faults) > 2 * len(_PARTS)


def test_faults_last_as_long_as_asked() -> None:
    faults = draw_faults(random.Random(7), _PARTS, seconds=40)

    spent = [fault.pause + fault.away for fault in faults]
    assert sum(spent) >= 40 > sum(spent[:-1])
    assert {fault.away for fault in faults if fault.kind == "restart"} <= {0.0}
