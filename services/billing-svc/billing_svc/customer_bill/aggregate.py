"""A bill and its lines, and what may still happen to them."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from dualbus_events.aggregate import Aggregate
from dualbus_events.contract.billing import (
    AppliedCustomerBillingRateCreateEvent,
    CustomerBillAttributeValueChangeEvent,
    CustomerBillCreateEvent,
    CustomerBillStateChangeEvent,
)
from dualbus_events.contract.billing import CustomerBill as CustomerBillDocument
from dualbus_events.document import Money, Reference, customer_of
from dualbus_kit.clock import utc_now
from dualbus_tmf.state_machines import CUSTOMER_BILL
from dualbus_tmf.states import StateMachine

from billing_svc.customer_bill.document import (
    AppliedCustomerBillingRate as AppliedCustomerBillingRateDocument,
)

CustomerBillState = Literal["new", "onHold", "validated", "sent", "partiallyPaid", "settled"]
_PAID = {"partiallyPaid", "settled"}
BILL_BY_PAYMENT = StateMachine(
    "CustomerBill",
    initial={"new"},
    moves={
        "new": _PAID,
        "validated": _PAID,
        "sent": _PAID,
        "partiallyPaid": {*_PAID, "sent"},
        "settled": {"partiallyPaid", "sent"},
    },
)
"""What money does to a bill, sent or not; by hand only the moves of TMF678 are allowed. A bill on
hold is under dispute, so nothing is taken for it. A refund opens a bill again: it is `sent` when
no payment is left on it."""


class CustomerBill(Aggregate[CustomerBillDocument]):
    """What an account owes for one period. Only what remains of it changes once it is issued."""

    document_type = CustomerBillDocument

    @classmethod
    def issue(cls, document: CustomerBillDocument) -> "CustomerBill":
        bill = cls(document)
        bill.record(CustomerBillCreateEvent)
        return bill

    @property
    def customer_id(self) -> str | None:
        return customer_of(self.document.related_party)

    @property
    def reference(self) -> Reference:
        document = self.document
        return Reference(
            id=document.id,
            href=document.href,
            name=document.bill_no,
            referred_type="CustomerBill",
        )

    @property
    def age(self) -> tuple[datetime, str]:
        """The oldest bill has the least; those of one moment are in the order of their ids."""
        return self.document.bill_date, self.id

    @property
    def unit(self) -> str:
        return self.document.amount_due.unit

    @property
    def remaining(self) -> Decimal:
        return self.document.remaining_amount.value

    @property
    def on_hold(self) -> bool:
        return self.document.state == "onHold"

    @property
    def payable(self) -> bool:
        return self.remaining > 0 and not self.on_hold

    def pay(self, parts: Sequence[tuple[Reference, Decimal]]) -> None:
        """Payments, and what each of them gives; together no more than remains."""
        for payment, amount in parts:
            self._apply(payment, amount)
        self._record_paid("partiallyPaid" if self.remaining else "settled")

    def unpay(self, parts: Sequence[tuple[Reference, Decimal]]) -> None:
        """Payments, and what each of them takes back of what it gave."""
        for payment, amount in parts:
            self._apply(payment, -amount)
        self._record_paid("partiallyPaid" if self._applied else "sent")

    @property
    def _applied(self) -> list[dict[str, Any]]:
        applied: list[dict[str, Any]] = getattr(self.document, "applied_payment", None) or []
        return applied

    def _apply(self, payment: Reference, amount: Decimal) -> None:
        """One `appliedPayment` per payment, gone when nothing is left of it."""
        applied = {one["payment"]["id"]: one for one in self._applied}
        known = applied.pop(payment.id, None)
        before = Decimal(str(known["appliedAmount"]["value"])) if known else Decimal(0)
        if before + amount:
            applied[payment.id] = {
                "appliedAmount": self._money(before + amount).to_dict(),
                "payment": payment.to_dict(),
            }
        self.document = self.document.model_copy(
            update={
                "applied_payment": list(applied.values()),
                "remaining_amount": self._money(self.remaining - amount),
            }
        )

    def _record_paid(self, target: CustomerBillState) -> None:
        before = self.document.state
        BILL_BY_PAYMENT.check(before, target, resource_id=self.id)
        self.document.state = target
        self.document.last_update = utc_now()
        moved = target != before
        self.record(
            CustomerBillStateChangeEvent if moved else CustomerBillAttributeValueChangeEvent
        )

    def _money(self, amount: Decimal) -> Money:
        return Money(unit=self.unit, value=amount)

    def move_to(self, state: CustomerBillState) -> None:
        """A state change by hand (TMF678 v4); raises IllegalStateMove. Nothing if it is there.

        Nothing remains to be paid of a settled bill.
        """
        if state == self.document.state:
            return
        CUSTOMER_BILL.check(self.document.state, state, resource_id=self.id)
        self.document.state = state
        self.document.last_update = utc_now()
        if state == "settled":
            self.document.remaining_amount = self._money(Decimal(0))
        self.record(CustomerBillStateChangeEvent)


class AppliedCustomerBillingRate(Aggregate[AppliedCustomerBillingRateDocument]):
    """A line of a bill; it stays as it was issued."""

    document_type = AppliedCustomerBillingRateDocument

    @classmethod
    def issue(cls, document: AppliedCustomerBillingRateDocument) -> "AppliedCustomerBillingRate":
        rate = cls(document)
        rate.record(AppliedCustomerBillingRateCreateEvent)
        return rate

    @property
    def customer_id(self) -> str | None:
        return customer_of(self.document.related_party)
