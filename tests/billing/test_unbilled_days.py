"""Bills on demand and runs, in any order, bill each day of each charge once, to the cent."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from billing_svc.charge.document import Charge
from billing_svc.customer_bill.issuing import Billed, Line, line_of
from billing_svc.customer_bill.period import BillingPeriod
from billing_svc.customer_bill_on_demand.use_cases import unbilled
from hypothesis import given
from hypothesis import strategies as st

_ZONE = ZoneInfo("UTC")
_FIRST = date(2026, 1, 1)
_AFTER = date(2026, 5, 1)
_DAYS = st.dates(_FIRST, _AFTER - timedelta(days=1))
_MONTHS = st.integers(1, 4)


def _moment(day: date) -> datetime:
    return datetime.combine(day, time(9, 30), UTC)


@st.composite
def _charges(draw: st.DrawFn) -> list[Charge]:
    found = []
    for number in range(draw(st.integers(1, 3))):
        start, end = draw(_DAYS), draw(st.none() | _DAYS)
        cents = draw(st.integers(-5_000, 50_000))
        found.append(
            Charge.model_validate(
                {
                    "id": str(number),
                    "name": "Fibre",
                    "state": "active",
                    "priceType": draw(st.sampled_from(["recurring", "recurring", "oneTime"])),
                    "amount": {"unit": "USD", "value": Decimal(cents) / 100},
                    "startDate": _moment(start),
                    "endDate": _moment(end) if end and end > start else None,
                    "product": {"id": "product"},
                    "billingAccount": {"id": "account"},
                    "relatedParty": [],
                }
            )
        )
    return found


@dataclass
class _Account:
    """What the tables hold of one account: its lines, and how far bills on demand went."""

    charges: list[Charge]
    lines: list[Line] = field(default_factory=list)
    billed: dict[tuple[str, str], Billed] = field(default_factory=dict)
    demanded: dict[tuple[str, str], Billed] = field(default_factory=dict)
    run: set[int] = field(default_factory=set)
    once: set[str] = field(default_factory=set)

    def bill_period(self, month: int) -> None:
        if month in self.run:
            return
        period = BillingPeriod(2026, month, _ZONE)
        for charge in self._active():
            if period.day_of(charge.start_date) < period.whole.after:
                line = line_of(charge, period, self.demanded.get((charge.id, period.name)))
                if line:
                    self.run.add(month)
                    self._keep(period.name, line)

    def demand(self, today: date) -> None:
        started = [c for c in self._active() if c.start_date.date() <= today]
        for period, line in unbilled(started, self.billed, today=today, zone=_ZONE):
            self._keep(period, line)
            if line.billed:
                self.demanded[line.charge.id, period] = line.billed

    def _active(self) -> list[Charge]:
        return [charge for charge in self.charges if charge.id not in self.once]

    def _keep(self, period: str, line: Line) -> None:
        self.lines.append(line)
        if line.billed:
            self.billed[line.charge.id, period] = line.billed
        else:
            self.once.add(line.charge.id)


@given(_charges(), st.lists(_DAYS | _MONTHS, max_size=8))
def test_each_day_is_billed_once_and_the_parts_sum_up_to_the_whole(
    charges: list[Charge], bills: list[date | int]
) -> None:
    account = _Account(charges)

    for one in bills:
        if isinstance(one, int):
            account.bill_period(one)
        else:
            account.demand(one)
    for month in range(1, 5):
        account.bill_period(month)
    account.demand(_AFTER)

    days = Counter(
        (line.charge.id, line.coverage.first + timedelta(days=number))
        for line in account.lines
        for number in range(line.coverage.days)
    )
    assert set(days.values()) <= {1}
    for charge in charges:
        lines = [line for line in account.lines if line.charge.id == charge.id]
        assert sum(line.amount for line in lines) == _whole(charge)
        assert sum(line.coverage.days for line in lines) == _charged_days(charge)


def _whole(charge: Charge) -> Decimal:
    """What it costs when every month is billed in one piece."""
    if charge.price_type == "oneTime":
        return charge.amount.value
    months = [BillingPeriod(2026, month, _ZONE) for month in range(1, 5)]
    return sum(
        (
            month.share(
                charge.amount.value, month.coverage(charge.start_date, charge.end_date).days
            )
            for month in months
        ),
        Decimal(0),
    )


def _charged_days(charge: Charge) -> int:
    if charge.price_type == "oneTime":
        return 1
    end = charge.end_date.date() if charge.end_date else _AFTER
    return (end - charge.start_date.date()).days
