"""A bill and its lines, and what may still happen to them."""

from decimal import Decimal
from typing import Literal

from dualbus_events.aggregate import Aggregate
from dualbus_events.contract.billing import (
    AppliedCustomerBillingRateCreateEvent,
    CustomerBillCreateEvent,
    CustomerBillStateChangeEvent,
)
from dualbus_events.contract.billing import CustomerBill as CustomerBillDocument
from dualbus_events.document import Money, customer_of
from dualbus_kit.clock import utc_now
from dualbus_tmf.state_machines import CUSTOMER_BILL

from billing_svc.customer_bill.document import (
    AppliedCustomerBillingRate as AppliedCustomerBillingRateDocument,
)

CustomerBillState = Literal["new", "onHold", "validated", "sent", "partiallyPaid", "settled"]


class CustomerBill(Aggregate[CustomerBillDocument]):
    """What an account owes for one period. Its amounts never change once it is issued."""

    document_type = CustomerBillDocument

    @classmethod
    def issue(cls, document: CustomerBillDocument) -> "CustomerBill":
        bill = cls(document)
        bill.record(CustomerBillCreateEvent)
        return bill

    @property
    def customer_id(self) -> str | None:
        return customer_of(self.document.related_party)

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
            self.document.remaining_amount = Money(
                unit=self.document.amount_due.unit, value=Decimal(0)
            )
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
