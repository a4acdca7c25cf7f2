"""What a reader is told of the freshness of what it got: in the view, and in headers."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from ods_svc.customer360.parts import Part
from ods_svc.freshness import Freshness

LAG = "X-Projection-Lag-Ms"
STALE = "X-Projection-Stale"


def freshness_of(part: Part, freshness: Freshness, now: datetime) -> dict[str, object]:
    """One entry of the view's `freshness`."""
    return {
        **freshness.to_dict(now),
        "publishedUpTo": freshness.published_text,
        "stale": freshness.is_stale(now, part.stale_after),
    }


def freshness_headers(
    parts: Iterable[Part], freshness: Mapping[str, Freshness], now: datetime
) -> dict[str, str]:
    """The lag of the part that lags most, if it is known, and the parts that are stale, if any."""
    named = [(part, freshness[part.name]) for part in parts]
    lags = [lag for _, fresh in named if (lag := fresh.lag_ms(now)) is not None]
    stale = [part.name for part, fresh in named if fresh.is_stale(now, part.stale_after)]
    headers = {LAG: str(max(lags))} if len(lags) == len(named) else {}
    return {**headers, STALE: ", ".join(stale)} if stale else headers
