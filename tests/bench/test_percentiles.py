"""Percentiles of measured times."""

import random

import pytest
from dualbus_cli.bench.percentiles import milliseconds, percentile


def test_percentile_is_the_nearest_rank() -> None:
    values = [float(n) for n in range(1, 101)]
    random.Random(7).shuffle(values)

    assert percentile(values, 50) == 50
    assert percentile(values, 99) == 99
    assert percentile(values, 100) == 100


def test_percentile_of_one_value_is_that_value() -> None:
    assert percentile([3.5], 1) == 3.5
    assert percentile([3.5], 99) == 3.5


def test_p99_of_few_values_is_the_largest() -> None:
    assert percentile([1, 2, 3], 99) == 3


def test_percentile_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="nothing"):
        percentile([], 50)


@pytest.mark.parametrize("percent", [0, -1, 100.1])
def test_percentages_out_of_range_are_refused(percent: float) -> None:
    with pytest.raises(ValueError, match="percentage"):
        percentile([1.0], percent)


def test_seconds_are_shown_as_milliseconds() -> None:
    assert milliseconds([0.01234], 50) == 12.3
