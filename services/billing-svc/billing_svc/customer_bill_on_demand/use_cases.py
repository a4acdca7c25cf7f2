"""Bill now what no bill has yet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from dualbus_events.unit_of_work import UnitOfWork

from billing_svc.billing_account.aggregate import customer_parties
from billing_svc.charge.document import Charge
from billing_svc.customer_bill import repository as bills
from billing_svc.customer_bill.issuing import Billed, Issue, Line, line_of
from billing_svc.customer_bill.period import BillingPeriod
from billing_svc.customer_bill.use_cases import issue_bills
from billing_svc.customer_bill_on_demand.aggregate import CustomerBillOnDemand
from billing_svc.customer_bill_on_demand.repository import accounts_meant


@dataclass(frozen=True)
class Now:
    """When a bill is made, by the operator's clock, and how long there is to pay it."""

    moment: datetime
    zone: ZoneInfo
    payment_days: int

    @property
    def today(self) -> date:
        return self.moment.astimezone(self.zone).date()


async def bill_on_demand(uow: UnitOfWork, request: CustomerBillOnDemand, now: Now) -> None:
    """Make the bill, or say on the request why there is none.

    No run issues bills meanwhile: what it reads here as unbilled stays so until the commit.
    """
    await bills.take_turn(uow.connection)
    accounts = await accounts_meant(uow.connection, request.document)
    if not accounts:
        request.reject("there is no such billing account")
        return
    request.is_for(next(iter(customer_parties(accounts[0])), None))
    ids = [account.id for account in accounts]
    charges = await bills.charges_started(uow.connection, ids, today=now.today, zone=now.zone)
    billed = await bills.billed_so_far(uow.connection, ids, now.zone)
    lines = unbilled(charges, billed, today=now.today, zone=now.zone)
    issue = Issue(
        uow,
        BillingPeriod.containing(now.today, now.zone),
        now.moment,
        now.payment_days,
        cycle="offCycle",
    )
    issued = await issue_bills(uow, issue, [line for _, line in lines])
    if not issued:
        request.reject("nothing is to be billed up to now")
        return
    await bills.keep_billed_on_demand(uow.connection, lines)
    request.finish([bill.reference for bill, _ in issued])


def unbilled(
    charges: Sequence[Charge],
    billed: Mapping[tuple[str, str], Billed],
    *,
    today: date,
    zone: ZoneInfo,
) -> list[tuple[str, Line]]:
    """A line per charge and period, with the period's name: days before today that no bill has.

    Today is left for a later bill: it isn't over. What fell due once is billed from its day on.
    """
    return [
        (period.name, line)
        for charge in charges
        for period in _periods(charge, today, zone)
        if (line := line_of(charge, period, billed.get((charge.id, period.name)), until=today))
    ]


def _periods(charge: Charge, today: date, zone: ZoneInfo) -> list[BillingPeriod]:
    """From that of the charge's start to the last that something of it may be due in."""
    first = BillingPeriod.containing(charge.start_date.astimezone(zone).date(), zone)
    if charge.price_type == "oneTime":
        return [first]
    last = today if charge.end_date is None else min(today, charge.end_date.astimezone(zone).date())
    found = [first]
    while found[-1].whole.after < last:
        found.append(BillingPeriod.containing(found[-1].whole.after, zone))
    return found
