"""A payment: taken, then authorised or refused, then spent on bills."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from dualbus_events.aggregate import Aggregate
from dualbus_events.contract.payment import Payment as PaymentDocument
from dualbus_events.contract.payment import (
    PaymentAttributeValueChangeEvent,
    PaymentCreateEvent,
    PaymentItem,
    PaymentStateChangeEvent,
)
from dualbus_events.document import Money, Reference, customer_of
from dualbus_kit.clock import utc_now
from dualbus_tmf.states import StateMachine

from billing_svc.money import LARGEST, cents

PENDING = "acknowledged"
DONE = "done"
FAILED = "failed"
PAYMENT_STATUS = StateMachine("Payment", initial={PENDING}, moves={PENDING: {DONE, FAILED}})
"""Ours: TMF676 v4 leaves `status` a free string."""

Portions = Sequence[tuple[Reference, Decimal]]
"""Bills, and what each of them gets."""


class Payment(Aggregate[PaymentDocument]):
    """Money for an account. `paymentItem` is what it settled; the rest is the account's credit."""

    document_type = PaymentDocument

    @classmethod
    def accept(cls, document: PaymentDocument) -> "Payment":
        """Pending, whatever the client says its status is."""
        document.status = PENDING
        document.status_date = utc_now()
        document.payment_date = None
        payment = cls(document)
        payment.record(PaymentCreateEvent)
        return payment

    @property
    def customer_id(self) -> str | None:
        return customer_of(self.document.related_party)

    @property
    def reference(self) -> Reference:
        document = self.document
        return Reference(id=document.id, href=document.href, referred_type="Payment")

    @property
    def pending(self) -> bool:
        return self.document.status == PENDING

    @property
    def unit(self) -> str:
        return self.document.total_amount.unit

    @property
    def spendable(self) -> Decimal:
        """What may settle bills: all of it the first time, its rest from then on."""
        return self.document.total_amount.value if self.pending else unapplied(self.document)

    @property
    def wanted(self) -> Mapping[str, Decimal | None]:
        """The bills that the client means it for; once authorised it has no wishes left."""
        if not self.pending:
            return {}
        items = self.document.payment_item or []
        return {i.item.id: i.total_amount.value if i.total_amount else None for i in items}

    def flaw(self) -> str | None:
        """Why this is no payment, in words; None when nothing is wrong with its amount."""
        amount = self.document.total_amount.value
        if amount <= 0:
            return f"{amount} is not a positive amount"
        if amount != cents(amount):
            return f"{amount} is not in whole cents"
        if amount >= LARGEST:
            return f"{amount} is not below {LARGEST}"
        return None

    def fail(self, reason: str) -> None:
        """It settles nothing; `statusReason` says why."""
        self._move_to(FAILED)
        self.document.status_reason = reason
        self.document.payment_item = []
        self.record(PaymentStateChangeEvent)

    def settle(self, portions: Portions) -> None:
        """Spend it on bills; the first time that is what authorises it."""
        first = self.pending
        if first:
            self._move_to(DONE)
            self.document.payment_date = self.document.status_date
            self.document.payment_item = []
        self.document.payment_item = [
            *(self.document.payment_item or []),
            *(self._item(bill, amount) for bill, amount in portions),
        ]
        if first or portions:
            self.record(PaymentStateChangeEvent if first else PaymentAttributeValueChangeEvent)

    def _item(self, bill: Reference, amount: Decimal) -> PaymentItem:
        return PaymentItem(id=bill.id, item=bill, total_amount=Money(unit=self.unit, value=amount))

    def _move_to(self, status: str) -> None:
        PAYMENT_STATUS.check(str(self.document.status), status, resource_id=self.id)
        self.document.status = status
        self.document.status_date = utc_now()


def unapplied(document: PaymentDocument) -> Decimal:
    """What of an authorised payment settled no bill yet."""
    if document.status != DONE:
        return Decimal(0)
    items = document.payment_item or []
    spent = sum((i.total_amount.value for i in items if i.total_amount), Decimal(0))
    return document.total_amount.value - spent
