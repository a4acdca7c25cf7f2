"""A bill and its lines, and what may still happen to them."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal, cast

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
    moves={"new": _PAID, "validated": _PAID, "sent": _PAID, "partiallyPaid": _PAID},
)
"""What money does to a bill, sent or not; by hand only the moves of TMF678 are allowed. A bill on
hold is under dispute, so nothing is taken for it."""


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
        paid = sum((amount for _, amount in parts), Decimal(0))
        applied = [
            {"appliedAmount": self._money(amount).to_dict(), "payment": payment.to_dict()}
            for payment, amount in parts
        ]
        before: list[dict[str, Any]] = getattr(self.document, "applied_payment", None) or []
        self.document = self.document.model_copy(update={"applied_payment": [*before, *applied]})
        self._owe(self.remaining - paid)

    def _owe(self, remaining: Decimal) -> None:
        target = "partiallyPaid" if remaining else "settled"
        before = self.document.state
        BILL_BY_PAYMENT.check(before, target, resource_id=self.id)
        self.document.state = cast(CustomerBillState, target)
        self.document.remaining_amount = self._money(remaining)
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
