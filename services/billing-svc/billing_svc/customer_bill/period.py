"""Billing periods: calendar months in the operator's time zone, and shares of them."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import cached_property
from zoneinfo import ZoneInfo

from billing_svc.customer_bill.errors import InvalidPeriod
from billing_svc.money import cents

_FORM = re.compile(r"([0-9]{4})-([0-9]{2})")
_YEARS = range(2000, 2100)


@dataclass(frozen=True)
class Coverage:
    """Days from `first` (inclusive) to `after` (exclusive)."""

    first: date
    after: date

    @property
    def days(self) -> int:
        return (self.after - self.first).days


@dataclass(frozen=True)
class BillingPeriod:
    """A calendar month."""

    year: int
    month: int
    zone: ZoneInfo

    @classmethod
    def parse(cls, text: str, zone: ZoneInfo) -> "BillingPeriod":
        """From `2026-12`. Raises InvalidPeriod, saying what is wrong."""
        parts = _FORM.fullmatch(text)
        if parts is None:
            raise InvalidPeriod(f"period: {text!r} is not of the form YYYY-MM, such as 2026-12")
        year, month = int(parts[1]), int(parts[2])
        if not 1 <= month <= 12:
            raise InvalidPeriod(f"period: {text!r} has the month {parts[2]}; 01 to 12 exist")
        if year not in _YEARS:
            raise InvalidPeriod(f"period: {text!r} is not in the years {_YEARS[0]} to {_YEARS[-1]}")
        return cls(year, month, zone)

    @classmethod
    def containing(cls, day: date, zone: ZoneInfo) -> "BillingPeriod":
        return cls(day.year, day.month, zone)

    @property
    def name(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"

    @cached_property
    def whole(self) -> Coverage:
        first = date(self.year, self.month, 1)
        return Coverage(first, first + timedelta(days=monthrange(self.year, self.month)[1]))

    def begins(self, day: date) -> datetime:
        """The moment a day begins in the operator's time zone."""
        return datetime.combine(day, time(), self.zone).astimezone(UTC)

    def day_of(self, moment: datetime) -> date:
        return moment.astimezone(self.zone).date()

    def coverage(
        self, start: datetime, end: datetime | None, *, until: date | None = None
    ) -> Coverage:
        """The days of the period that are charged: from the start's day to before the end's.

        So a product that ends and its successor that starts on one day share that day once. None
        are left (`days` is 0) for what is not charged in the period at all. `until` leaves out
        that day and what comes after it.
        """
        whole = self.whole
        first = max(whole.first, self.day_of(start))
        after = whole.after if end is None else min(whole.after, self.day_of(end))
        if until is not None:
            after = min(after, until)
        return Coverage(first, max(first, after))

    def share(self, amount: Decimal, days: int) -> Decimal:
        """What `days` of the month cost, rounded half-up to cents; all of them cost `amount`."""
        return cents(amount * days / self.whole.days)
