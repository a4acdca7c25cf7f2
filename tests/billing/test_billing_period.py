"""Billing periods: whole months, shares of them, days in the operator's time zone."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from billing_svc.customer_bill.errors import InvalidPeriod
from billing_svc.customer_bill.period import BillingPeriod
from hypothesis import given
from hypothesis import strategies as st

_ZONE = ZoneInfo("UTC")
_PRICES = st.decimals(min_value=-10_000, max_value=10_000, places=2)
_PERIODS = st.builds(BillingPeriod, st.integers(2000, 2099), st.integers(1, 12), st.just(_ZONE))


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2026-13", "month 13"),
        ("2026-00", "month 00"),
        ("2026-1", "YYYY-MM"),
        ("december", "YYYY-MM"),
        ("0026-12", "2000"),
        ("٢٠٢٦-12", "YYYY-MM"),
        ("2026-12-01", "YYYY-MM"),
        ("", "YYYY-MM"),
    ],
)
def test_period_that_is_none_is_refused_and_said_why(text: str, said: str) -> None:
    with pytest.raises(InvalidPeriod, match=said):
        BillingPeriod.parse(text, _ZONE)


@given(period=_PERIODS, price=_PRICES)
def test_a_full_month_costs_the_price_exactly(period: BillingPeriod, price: Decimal) -> None:
    first, after = period.begins(period.whole.first), period.begins(period.whole.after)

    for start, end in ((first, None), (first - timedelta(days=400), after), (first, after)):
        days = period.coverage(start, end).days

        assert period.share(price, days) == price


@given(period=_PERIODS, price=_PRICES, cuts=st.lists(st.integers(0, 31), max_size=4))
def test_parts_of_a_month_add_up_to_it(
    period: BillingPeriod, price: Decimal, cuts: list[int]
) -> None:
    days = period.whole.days
    edges = [0, *sorted(min(cut, days) for cut in cuts), days]
    begin = period.begins(period.whole.first)
    moments = [begin + timedelta(days=edge) for edge in edges]

    parts = [period.coverage(start, end).days for start, end in pairwise(moments)]

    assert sum(parts) == days
    total = sum((period.share(price, part) for part in parts), Decimal(0))
    assert abs(total - price) <= Decimal("0.005") * len(parts)


def test_two_halves_of_a_month_are_within_a_cent_of_it() -> None:
    period = BillingPeriod.parse("2026-11", _ZONE)

    halves = [period.share(Decimal("29.85"), 15), period.share(Decimal("29.85"), 15)]

    assert abs(sum(halves) - Decimal("29.85")) <= Decimal("0.01")


@pytest.mark.parametrize(
    ("start", "end", "days"),
    [
        ("2026-01-10T23:59:59", None, 22),
        ("2026-01-31T00:00:00", None, 1),
        ("2026-02-01T00:00:00", None, 0),
        ("2025-12-15T12:00:00", "2026-01-01T09:00:00", 0),
        ("2025-12-15T12:00:00", "2026-01-02T00:00:00", 1),
        ("2026-01-10T08:00:00", "2026-01-10T20:00:00", 0),
        ("2026-01-10T08:00:00", "2026-01-11T00:01:00", 1),
        ("2025-01-01T00:00:00", "2025-06-01T00:00:00", 0),
        ("2026-01-01T00:00:00", "2027-01-01T00:00:00", 31),
    ],
)
def test_first_day_counts_and_last_day_does_not(start: str, end: str | None, days: int) -> None:
    period = BillingPeriod.parse("2026-01", _ZONE)

    assert period.coverage(_at(start), _at(end) if end else None).days == days


def test_a_product_and_its_successor_share_no_day() -> None:
    period = BillingPeriod.parse("2026-01", _ZONE)
    change = _at("2026-01-15T15:00:00")

    old = period.coverage(_at("2025-01-01T00:00:00"), change)
    new = period.coverage(change, None)

    assert old.days + new.days == 31


def test_the_day_is_that_of_the_operators_time_zone() -> None:
    sofia = BillingPeriod.parse("2026-01", ZoneInfo("Europe/Sofia"))
    late_in_december = _at("2025-12-31T22:30:00")

    assert sofia.coverage(late_in_december, None).days == 31
    assert sofia.coverage(_at("2026-01-31T22:00:00"), None).days == 0
    assert sofia.begins(sofia.whole.first) == _at("2025-12-31T22:00:00")


def test_leap_years_have_their_day() -> None:
    assert BillingPeriod.parse("2028-02", _ZONE).whole.days == 29
    assert BillingPeriod.parse("2027-02", _ZONE).whole.days == 28
