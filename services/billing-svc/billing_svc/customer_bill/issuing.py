"""From charges to a bill and its lines: which days, which amount, which sum."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Literal

from dualbus_events.contract.billing import CustomerBill as CustomerBillDocument
from dualbus_events.document import Money, Reference, RelatedParty, TimePeriod
from dualbus_kit.ids import new_id
from dualbus_tmf.hrefs import Addressed, href_of

from billing_svc.charge.document import Charge
from billing_svc.customer_bill.aggregate import AppliedCustomerBillingRate, CustomerBill
from billing_svc.customer_bill.document import (
    AppliedCustomerBillingRate as AppliedCustomerBillingRateDocument,
)
from billing_svc.customer_bill.period import BillingPeriod, Coverage

BILL_PATH = "/tmf-api/customerBillManagement/v4/customerBill"
RATE_PATH = "/tmf-api/customerBillManagement/v4/appliedCustomerBillingRate"


Cycle = Literal["onCycle", "offCycle"]
"""TMF678: by a bill run, or because the customer asked for a bill."""


@dataclass(frozen=True)
class Billed:
    """What earlier bills have of a charge in one period: its days before `until`, for `amount`."""

    until: date
    amount: Decimal


@dataclass(frozen=True)
class Line:
    """A charge, the days of the period it covers, and what they cost."""

    charge: Charge
    coverage: Coverage
    amount: Decimal
    description: str
    billed: Billed | None = None
    """What is billed of the charge in its period once this line is; None for a one-off."""


@dataclass(frozen=True)
class Payer:
    """Whose bill it is."""

    account: Reference
    parties: list[RelatedParty]


@dataclass(frozen=True)
class Issue:
    """What all bills of a chunk have in common; `period` gives their numbers and the time zone."""

    addressed: Addressed
    period: BillingPeriod
    moment: datetime
    payment_days: int
    cycle: Cycle = "onCycle"
    _time_periods: dict[Coverage, TimePeriod] = field(default_factory=dict)

    def time_period(self, coverage: Coverage) -> TimePeriod:
        """Most lines cover the whole month: each coverage is worked out once."""
        known = self._time_periods.get(coverage)
        if known is None:
            known = self._time_periods[coverage] = TimePeriod(
                start_date_time=self.period.begins(coverage.first),
                end_date_time=self.period.begins(coverage.after),
            )
        return known

    def covered(self, lines: Sequence[Line]) -> TimePeriod:
        """A run bills its period; a bill on demand has the days of its lines."""
        if self.cycle == "onCycle":
            return self.time_period(self.period.whole)
        first = min(line.coverage.first for line in lines)
        return self.time_period(Coverage(first, max(line.coverage.after for line in lines)))


def line_of(
    charge: Charge,
    period: BillingPeriod,
    billed: Billed | None = None,
    *,
    until: date | None = None,
) -> Line | None:
    """The line of a charge in a period; None when no day is left to charge.

    A one-off charge is whole, on the day it fell due; what fell due before the period and was on
    no bill yet stands on this one. Of a recurring one the days after those that are `billed` are
    charged, and before `until`. Its lines in a period sum up to what their days cost together,
    rounded once: however it is cut into bills, a full month costs the amount exactly.
    """
    if charge.price_type == "oneTime":
        day = period.day_of(charge.start_date)
        once = Coverage(day, day + timedelta(days=1))
        return Line(charge, once, charge.amount.value, "once")
    whole = period.coverage(charge.start_date, charge.end_date, until=until)
    before = billed or Billed(whole.first, Decimal(0))
    coverage = Coverage(before.until, whole.after)
    if coverage.days <= 0:
        return None
    so_far = period.share(charge.amount.value, whole.days)
    return Line(
        charge,
        coverage,
        so_far - before.amount,
        f"{coverage.days} of {period.whole.days} days",
        Billed(whole.after, so_far),
    )


def issue_bill(
    issue: Issue, payer: Payer, lines: Sequence[Line], *, number: str
) -> tuple[CustomerBill, list[AppliedCustomerBillingRate]]:
    """A bill, state `new`, that sums up the lines, and a rate per line. One currency."""
    currency = lines[0].charge.amount.unit
    total = Money(unit=currency, value=sum((line.amount for line in lines), Decimal(0)))
    bill_id = new_id()
    href = href_of(issue.addressed, BILL_PATH, bill_id)
    document = CustomerBillDocument(
        type_="CustomerBill",
        id=bill_id,
        href=href,
        bill_no=number,
        bill_date=issue.moment,
        last_update=issue.moment,
        billing_period=issue.covered(lines),
        payment_due_date=issue.moment + timedelta(days=issue.payment_days),
        state="new",
        run_type=issue.cycle,
        category="normal" if issue.cycle == "onCycle" else "interim",
        amount_due=total,
        remaining_amount=total,
        tax_excluded_amount=total,
        tax_included_amount=total,
        billing_account=payer.account,
        bill_document=[_as_json(number, href)],
        related_party=payer.parties,
    )
    bill = Reference(id=bill_id, href=document.href, name=number, referred_type="CustomerBill")
    rates = [
        AppliedCustomerBillingRate.issue(_rate(issue, payer, line, bill=bill)) for line in lines
    ]
    return CustomerBill.issue(document), rates


def _as_json(number: str, href: str) -> dict[str, str]:
    """The document that every bill has, as TM Forum's kit demands: itself, at its address."""
    return {
        "@type": "Attachment",
        "id": number,
        "name": f"{number}.json",
        "attachmentType": "customerBill",
        "mimeType": "application/json",
        "url": href,
    }


def _rate(
    issue: Issue, payer: Payer, line: Line, *, bill: Reference
) -> AppliedCustomerBillingRateDocument:
    charge = line.charge
    rate_id = new_id()
    amount = Money(unit=charge.amount.unit, value=line.amount)
    return AppliedCustomerBillingRateDocument(
        type_="AppliedCustomerBillingRate",
        id=rate_id,
        href=href_of(issue.addressed, RATE_PATH, rate_id),
        name=charge.name,
        description=line.description,
        type="appliedBillingCredit" if line.amount < 0 else "appliedBillingCharge",
        is_billed=True,
        date=issue.moment,
        period_coverage=issue.time_period(line.coverage),
        tax_excluded_amount=amount,
        tax_included_amount=amount,
        bill=bill,
        product=charge.product,
        product_offering_price=charge.product_offering_price,
        charge=Reference(id=charge.id, href=charge.href, referred_type="Charge"),
        billing_account=payer.account,
        related_party=payer.parties,
    )
