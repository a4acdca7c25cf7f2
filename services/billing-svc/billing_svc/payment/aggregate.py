"""A payment: taken, then authorised or refused, then spent on bills, or given back."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Self

from dualbus_events.contract.payment import Payment as PaymentDocument
from dualbus_events.contract.payment import (
    PaymentAttributeValueChangeEvent,
    PaymentCreateEvent,
    PaymentItem,
    PaymentStateChangeEvent,
)
from dualbus_events.document import Money, Reference

from billing_svc.payment.movement import DONE, Movement, status_machine

Portions = Sequence[tuple[Reference, Decimal]]
"""Bills, and what each of them gets."""


class Payment(Movement[PaymentDocument]):
    """Money for an account. `paymentItem` is what it settled; the rest is the account's credit."""

    document_type = PaymentDocument
    machine = status_machine("Payment")
    create_event = PaymentCreateEvent
    state_event = PaymentStateChangeEvent

    @classmethod
    def accept(cls, document: PaymentDocument) -> Self:
        document.payment_date = None
        document.refunded_amount = None
        return super().accept(document)

    @property
    def done(self) -> bool:
        return self.document.status == DONE

    @property
    def spendable(self) -> Decimal:
        """What may settle bills: all of it the first time, its rest from then on."""
        return self.amount.value if self.pending else unapplied(self.document)

    @property
    def refundable(self) -> Decimal:
        """What was paid and not given back, whether it settled bills or not."""
        return self.amount.value - _refunded(self.document) if self.done else Decimal(0)

    @property
    def wanted(self) -> Mapping[str, Decimal | None]:
        """The bills that the client means it for; once authorised it has no wishes left."""
        if not self.pending:
            return {}
        items = self.document.payment_item or []
        return {i.item.id: i.total_amount.value if i.total_amount else None for i in items}

    @property
    def settled(self) -> list[tuple[str, Decimal]]:
        """The bills it settled, by id, and by how much, in that order."""
        items = self.document.payment_item or []
        return [(i.item.id, i.total_amount.value) for i in items if i.total_amount]

    def fail(self, reason: str) -> None:
        """It settles nothing."""
        self.document.payment_item = []
        super().fail(reason)

    def settle(self, portions: Portions) -> None:
        """Spend it on bills; the first time that is what authorises it."""
        first = self.pending
        if first:
            self._move_to(DONE)
            self.document.payment_date = self.document.status_date
            self.document.payment_item = []
        for bill, amount in portions:
            self._change_item(bill, amount)
        if first or portions:
            self.record(PaymentStateChangeEvent if first else PaymentAttributeValueChangeEvent)

    def give_back(self, credit: Decimal, portions: Portions) -> None:
        """Of its credit, and of what it settled; the caller knows that it has as much."""
        total = credit
        for bill, amount in portions:
            self._change_item(bill, -amount)
            total += amount
        self.document.refunded_amount = self._money(_refunded(self.document) + total)
        self.record(PaymentAttributeValueChangeEvent)

    def _change_item(self, bill: Reference, change: Decimal) -> None:
        items = {item.item.id: item for item in self.document.payment_item or []}
        known = items.pop(bill.id, None)
        before = known.total_amount.value if known and known.total_amount else Decimal(0)
        if before + change:
            amount = self._money(before + change)
            items[bill.id] = PaymentItem(id=bill.id, item=bill, total_amount=amount)
        self.document.payment_item = list(items.values())

    def _money(self, amount: Decimal) -> Money:
        return Money(unit=self.unit, value=amount)


def _refunded(document: PaymentDocument) -> Decimal:
    return document.refunded_amount.value if document.refunded_amount else Decimal(0)


def unapplied(document: PaymentDocument) -> Decimal:
    """What of an authorised payment neither settled a bill nor was given back."""
    if document.status != DONE:
        return Decimal(0)
    items = document.payment_item or []
    spent = sum((i.total_amount.value for i in items if i.total_amount), Decimal(0))
    return document.total_amount.value - spent - _refunded(document)
