"""Payments settle bills: authorised in a step of their own, and whenever credit meets a bill.

Everyone locks the account first, then its payments, then its bills, each in id order. So two
payments never settle one bill twice, and nobody waits crosswise.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from dualbus_events.unit_of_work import UnitOfWork
from dualbus_kit.ids import new_id

from billing_svc.billing_account.aggregate import BillingAccount, customer_parties
from billing_svc.billing_account.repository import BillingAccounts
from billing_svc.customer_bill.aggregate import CustomerBill
from billing_svc.customer_bill.repository import CustomerBills
from billing_svc.payment import repository
from billing_svc.payment.aggregate import Payment
from billing_svc.payment.lettering import Credit, Debt, Portion, letter
from billing_svc.payment.repository import Payments

PAYMENT_TIMER = "payment"
"""By payment: it is to be authorised."""
CREDIT_TIMER = "credit"
"""By account and a number: bills came on it that its credit may settle."""

_Ledger = tuple[str, str]
"""An account's id and a currency."""


async def settle_later(uow: UnitOfWork, account_ids: Sequence[str]) -> None:
    """Have the credit of these accounts, if they have any, settle their bills after this commit."""
    # Each key is new: nobody waits here for a timer that is firing, which waits for the account.
    keys = [f"{account_id} {new_id()}" for account_id in account_ids]
    uow.set_timers(CREDIT_TIMER, dict.fromkeys(keys, 0.0))


async def use_credit_later(uow: UnitOfWork, account_ids: Sequence[str]) -> None:
    """The same for many accounts, of which few have credit.

    The caller holds the accounts' rows, so that no payment is authorised meanwhile unseen.
    """
    await settle_later(uow, await repository.accounts_with_credit(uow.connection, account_ids))


async def payments_due(payment_ids: Sequence[str], uow: UnitOfWork) -> None:
    """Authorise what can be, and let it settle bills; fail the others, saying why.

    The channel took the money (TMF676: "a performed payment"); what is checked here is that it is
    an amount, and for an account we know. A payment that is no longer pending is left as it is.
    """
    account_ids = await repository.accounts_paid(uow.connection, payment_ids)
    accounts = await uow.find(BillingAccounts, account_ids)
    payments = await uow.find(Payments, payment_ids)
    authorised = []
    for payment in payments.values():
        if not payment.pending:
            continue
        account = accounts.get(payment.account_id)
        flaw = payment.flaw() or (None if account else "the account does not exist")
        if flaw or account is None:
            payment.fail(str(flaw))
            continue
        payment.document.related_party = customer_parties(account.document)
        authorised.append(payment)
    await settle_accounts(uow, accounts, authorised)


async def credit_due(keys: Sequence[str], uow: UnitOfWork) -> None:
    """Let the credit of these accounts settle what is open on them."""
    account_ids = sorted({key.rpartition(" ")[0] for key in keys})
    await settle_accounts(uow, await uow.find(BillingAccounts, account_ids))


@dataclass
class _Book:
    """What one account has and owes in one currency."""

    payments: list[Payment] = field(default_factory=list)
    bills: list[CustomerBill] = field(default_factory=list)


async def settle_accounts(
    uow: UnitOfWork, accounts: Mapping[str, BillingAccount], authorised: Sequence[Payment] = ()
) -> None:
    """Settle the open bills of these accounts, which the caller has locked, oldest first.

    By what credit they have, older payments first, and by payments that are `authorised` now.
    """
    ids = list(accounts)
    with_credit = await repository.payments_with_credit(uow.connection, ids)
    earlier = await uow.find(Payments, with_credit)
    open_bills = await uow.find(CustomerBills, await repository.open_bills(uow.connection, ids))
    books: dict[_Ledger, _Book] = defaultdict(_Book)
    for payment in sorted([*earlier.values(), *authorised], key=lambda payment: payment.id):
        books[payment.account_id, payment.unit].payments.append(payment)
    for bill in sorted(open_bills.values(), key=lambda bill: bill.age):
        if bill.payable:
            books[bill.document.billing_account.id, bill.unit].bills.append(bill)
    credit: dict[str, dict[str, Decimal]] = defaultdict(dict)
    for (account_id, unit), book in books.items():
        _settle(book)
        rest = sum((payment.spendable for payment in book.payments), Decimal(0))
        credit[account_id][unit] = rest
    for account_id, account in accounts.items():
        account.keep_credit(credit[account_id])


def _settle(book: _Book) -> None:
    portions = letter(
        [Credit(p.id, p.spendable, p.wanted) for p in book.payments],
        [Debt(bill.id, bill.remaining) for bill in book.bills],
    )
    bills = {bill.id: bill for bill in book.bills}
    payments = {payment.id: payment for payment in book.payments}
    given: dict[str, list[Portion]] = defaultdict(list)
    taken: dict[str, list[Portion]] = defaultdict(list)
    for portion in portions:
        given[portion.payment_id].append(portion)
        taken[portion.bill_id].append(portion)
    for payment in book.payments:
        payment.settle([(bills[p.bill_id].reference, p.amount) for p in given[payment.id]])
    for bill_id, parts in taken.items():
        bills[bill_id].pay([(payments[p.payment_id].reference, p.amount) for p in parts])
