"""Issue bills within a transaction: for a run's chunk of accounts, or on demand."""

from collections.abc import Mapping, Sequence
from itertools import groupby

from dualbus_events.document import Reference
from dualbus_events.unit_of_work import UnitOfWork

from billing_svc.billing_account.aggregate import customer_parties
from billing_svc.billing_account.document import BillingAccount
from billing_svc.charge.document import Charge
from billing_svc.charge.repository import Charges
from billing_svc.customer_bill import repository
from billing_svc.customer_bill.aggregate import AppliedCustomerBillingRate, CustomerBill
from billing_svc.customer_bill.issuing import Issue, Line, Payer, issue_bill
from billing_svc.payment.settling import use_credit_later

Issued = tuple[CustomerBill, list[AppliedCustomerBillingRate]]


async def issue_bills(uow: UnitOfWork, issue: Issue, lines: Sequence[Line]) -> list[Issued]:
    """A bill per account and currency, with its rates; the caller has taken its turn."""
    one_offs = [line.charge.id for line in lines if line.charge.price_type == "oneTime"]
    # Another bill may have had one since it was read: only those that are still due count.
    due = await uow.find(Charges, one_offs) if one_offs else {}
    due = {charge_id: charge for charge_id, charge in due.items() if charge.active}
    wanted = [
        line for line in lines if line.charge.price_type != "oneTime" or line.charge.id in due
    ]
    grouped = [list(group) for _, group in groupby(sorted(wanted, key=_bill_of), key=_bill_of)]
    account_ids = sorted({line.charge.billing_account.id for line in wanted})
    accounts = await repository.accounts(uow.connection, account_ids)
    numbers = await repository.bill_numbers(uow.connection, issue.period, len(grouped))
    issued = []
    for number, group in zip(numbers, grouped, strict=True):
        bill, rates = issue_bill(issue, _payer(group[0].charge, accounts), group, number=number)
        uow.add(bill, *rates)
        for line in group:
            if line.charge.id in due:
                due[line.charge.id].settle(bill.reference)
        issued.append((bill, rates))
    await use_credit_later(uow, account_ids)
    return issued


def _bill_of(line: Line) -> tuple[str, str]:
    """One bill per account, and per currency where an account has charges in several."""
    return line.charge.billing_account.id, line.charge.amount.unit


def _payer(charge: Charge, accounts: Mapping[str, BillingAccount]) -> Payer:
    account = accounts.get(charge.billing_account.id)
    if account is None:
        return Payer(charge.billing_account, charge.related_party)
    reference = Reference(
        id=account.id, href=account.href, name=account.name, type_="BillingAccount"
    )
    return Payer(reference, customer_parties(account) or charge.related_party)
