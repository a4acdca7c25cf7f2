"""Refunds are given in a step of their own, under the same locks as payments settle bills."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal

from dualbus_events.contract.payment import RefundItem
from dualbus_events.document import Money
from dualbus_events.unit_of_work import UnitOfWork

from billing_svc.billing_account.aggregate import BillingAccount, customer_parties
from billing_svc.billing_account.repository import BillingAccounts
from billing_svc.customer_bill.aggregate import CustomerBill
from billing_svc.customer_bill.repository import CustomerBills
from billing_svc.payment.aggregate import Payment
from billing_svc.payment.repository import Payments, payments_on
from billing_svc.payment.settling import settle_accounts
from billing_svc.refund.aggregate import Refund
from billing_svc.refund.repository import Refunds, accounts_refunded
from billing_svc.refund.taking_back import Held, Part, take_back

REFUND_TIMER = "refund"
"""By refund: it is to be given."""
_PAYMENT_PENDING_SECONDS = 1.0


async def refunds_due(refund_ids: Sequence[str], uow: UnitOfWork) -> None:
    """Give what can be given; fail the others, saying why. Never more than was paid.

    A refund of one payment takes from that, another one from whatever was paid on the account. One
    of a payment that is still pending waits for it. Credit that the account has after that settles
    what was opened again.
    """
    accounts = await uow.find(BillingAccounts, await accounts_refunded(uow.connection, refund_ids))
    refunds = await uow.find(Refunds, refund_ids)
    payments = await uow.find(Payments, await payments_on(uow.connection, list(accounts)))
    for refund in refunds.values():
        if not refund.pending:
            continue
        payment = payments.get(refund.payment_id or "")
        if payment and payment.pending:
            uow.set_timers(REFUND_TIMER, {refund.id: _PAYMENT_PENDING_SECONDS})
            continue
        reason = _refusal(refund, accounts, payments)
        if reason:
            refund.fail(reason)
        else:
            await _give(uow, refund, accounts[refund.account_id], _sources(refund, payments))
    # What was given back must be found as it is now.
    await uow.flush()
    await settle_accounts(uow, accounts)


def _sources(refund: Refund, payments: Mapping[str, Payment]) -> list[Payment]:
    """The payments it may take from, oldest first."""
    return [
        payment
        for payment in sorted(payments.values(), key=lambda payment: payment.id)
        if payment.refundable > 0
        and (payment.account_id, payment.unit) == (refund.account_id, refund.unit)
        and refund.payment_id in (None, payment.id)
    ]


def _refusal(
    refund: Refund, accounts: Mapping[str, BillingAccount], payments: Mapping[str, Payment]
) -> str | None:
    flaw = refund.flaw()
    if flaw:
        return flaw
    if refund.account_id not in accounts:
        return "the account does not exist"
    if refund.payment_id:
        payment = payments.get(refund.payment_id)
        if payment is None or payment.account_id != refund.account_id:
            return f"no payment {refund.payment_id} was made on the account"
    sources = _sources(refund, payments)
    refundable = sum((payment.refundable for payment in sources), Decimal(0))
    if refund.amount.value > refundable:
        return (
            f"{refund.amount.value} {refund.unit} is more than was paid and not given back yet,"
            f" {refundable}"
        )
    return None


async def _give(
    uow: UnitOfWork, refund: Refund, account: BillingAccount, payments: Sequence[Payment]
) -> None:
    held = [Held(p.id, p.spendable, p.settled) for p in payments]
    parts = take_back(refund.amount.value, held)
    bills = await uow.find(CustomerBills, [part.bill_id for part in parts if part.bill_id])
    by_id = {payment.id: payment for payment in payments}
    _reopen(parts, by_id, bills)
    refund.document.related_party = customer_parties(account.document)
    refund.give(
        [
            RefundItem(
                payment=by_id[part.payment_id].reference,
                item=bills[part.bill_id].reference if part.bill_id else None,
                total_amount=Money(unit=refund.unit, value=part.amount),
            )
            for part in parts
        ]
    )


def _reopen(
    parts: Sequence[Part], payments: Mapping[str, Payment], bills: Mapping[str, CustomerBill]
) -> None:
    of_payment: dict[str, list[Part]] = defaultdict(list)
    of_bill: dict[str, list[Part]] = defaultdict(list)
    for part in parts:
        of_payment[part.payment_id].append(part)
        if part.bill_id:
            of_bill[part.bill_id].append(part)
    for payment_id, taken in of_payment.items():
        credit = sum((part.amount for part in taken if not part.bill_id), Decimal(0))
        from_bills = [(bills[p.bill_id].reference, p.amount) for p in taken if p.bill_id]
        payments[payment_id].give_back(credit, from_bills)
    for bill_id, taken in of_bill.items():
        bills[bill_id].unpay([(payments[p.payment_id].reference, p.amount) for p in taken])
