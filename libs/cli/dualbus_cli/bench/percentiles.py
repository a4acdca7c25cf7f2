"""Percentiles of measured times."""

import math
from collections.abc import Sequence


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that `percent` of all values do not exceed (nearest rank).

    Raises ValueError when there are no values or `percent` is not above 0 and at most 100.
    """
    if not values:
        raise ValueError("there is no percentile of nothing")
    if not 0 < percent <= 100:
        raise ValueError(f"{percent} is no percentage above 0 and at most 100")
    return sorted(values)[math.ceil(percent / 100 * len(values)) - 1]


def milliseconds(values: Sequence[float], percent: float) -> float:
    """A percentile of seconds, in milliseconds with one decimal."""
    return round(percentile(values, percent) * 1000, 1)
