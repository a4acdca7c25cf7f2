"""Facts that billing-svc owns: TMF666 accounts, charges, TMF678 bills and their rates."""

from typing import Any, Literal

from dualbus_events.document import Document, Moment, Money, Reference, RelatedParty, TimePeriod
from dualbus_events.facts import PARTITIONS, FactTopic
from dualbus_events.tmforum.documents import defined, defined_topic


@defined("TMF666")
class BillingAccount(Document):
    """TMF666 BillingAccount."""

    name: str
    state: str | None = None
    account_type: str | None = None
    related_party: list[RelatedParty]
    last_modified: Moment | None = None


@defined("TMF666")
class PartyAccount(Document):
    """TMF666 PartyAccount: what a party owes and is owed, of whatever kind."""


@defined("TMF666")
class SettlementAccount(Document):
    """TMF666 SettlementAccount: what is settled with partners."""


@defined("TMF666")
class FinancialAccount(Document):
    """TMF666 FinancialAccount: an account of the ledger that others are booked on."""


@defined("TMF666")
class BillingCycleSpecification(Document):
    """TMF666 BillingCycleSpecification: how often, and with which days between, is billed."""


@defined("TMF666")
class BillFormat(Document):
    """TMF666 BillFormat: how detailed a bill is."""


@defined("TMF666")
class BillPresentationMedia(Document):
    """TMF666 BillPresentationMedia: what a bill comes on, such as paper or mail."""


@defined("TMF635")
class Usage(Document):
    """TMF635 Usage: one record of what was used."""


@defined("TMF635")
class UsageSpecification(Document):
    """TMF635 UsageSpecification: what records of one kind say."""


class Charge(Document):
    """A recurring charge of one product: `amount` per calendar month, alterations included.

    Charged from `start_date` (inclusive) to `end_date` (exclusive), days prorated.
    """

    name: str
    state: Literal["active", "ended"]
    amount: Money
    start_date: Moment
    end_date: Moment | None = None
    product: Reference
    product_offering_price: Reference | None = None
    billing_account: Reference
    related_party: list[RelatedParty]


@defined("TMF678")
class CustomerBill(Document):
    """TMF678 CustomerBill: one per account and billing period, and those that were asked for."""

    bill_no: str
    bill_date: Moment
    billing_period: TimePeriod
    state: Literal["new", "onHold", "validated", "sent", "partiallyPaid", "settled"]
    run_type: str | None = None
    category: str | None = None
    payment_due_date: Moment | None = None
    amount_due: Money
    remaining_amount: Money
    tax_excluded_amount: Money
    tax_included_amount: Money
    billing_account: Reference
    bill_document: list[dict[str, Any]] | None = None
    related_party: list[RelatedParty]
    last_update: Moment | None = None


@defined("TMF678")
class AppliedCustomerBillingRate(Document):
    """TMF678 AppliedCustomerBillingRate: one line of a bill, tied to its product and price."""

    name: str
    type: str
    is_billed: bool
    date: Moment
    period_coverage: TimePeriod
    tax_excluded_amount: Money
    tax_included_amount: Money
    bill: Reference
    product: Reference
    product_offering_price: Reference | None = None
    billing_account: Reference
    related_party: list[RelatedParty] | None = None


@defined("TMF678")
class CustomerBillOnDemand(Document):
    """TMF678 CustomerBillOnDemand: a bill asked for before its time."""

    state: str | None = None
    state_reason: str | None = None
    billing_account: Reference | None = None
    related_party: RelatedParty | None = None
    customer_bill: Reference | None = None
    further_customer_bill: list[Reference] | None = None
    last_update: str | None = None


BILLING_ACCOUNT = defined_topic("billing", BillingAccount, partitions=PARTITIONS)
BillingAccountCreateEvent = BILLING_ACCOUNT.event("BillingAccountCreateEvent")
BillingAccountStateChangeEvent = BILLING_ACCOUNT.event("BillingAccountStateChangeEvent")
BillingAccountAttributeValueChangeEvent = BILLING_ACCOUNT.event(
    "BillingAccountAttributeValueChangeEvent"
)
BillingAccountDeleteEvent = BILLING_ACCOUNT.event("BillingAccountDeleteEvent")

PARTY_ACCOUNT = defined_topic("billing", PartyAccount)
SETTLEMENT_ACCOUNT = defined_topic("billing", SettlementAccount)
FINANCIAL_ACCOUNT = defined_topic("billing", FinancialAccount)
BILLING_CYCLE_SPECIFICATION = defined_topic("billing", BillingCycleSpecification)
BILL_FORMAT = defined_topic("billing", BillFormat)
BILL_PRESENTATION_MEDIA = defined_topic("billing", BillPresentationMedia)

USAGE = defined_topic("billing", Usage, partitions=PARTITIONS)
USAGE_SPECIFICATION = defined_topic("billing", UsageSpecification)

CHARGE = FactTopic("billing.charge.v1", "billing", "charge", Charge)
ChargeCreateEvent = CHARGE.event("ChargeCreateEvent")
ChargeStateChangeEvent = CHARGE.event("ChargeStateChangeEvent")

CUSTOMER_BILL = defined_topic("billing", CustomerBill, partitions=PARTITIONS)
CustomerBillCreateEvent = CUSTOMER_BILL.event("CustomerBillCreateEvent")
CustomerBillStateChangeEvent = CUSTOMER_BILL.event("CustomerBillStateChangeEvent")
CustomerBillAttributeValueChangeEvent = CUSTOMER_BILL.event("CustomerBillAttributeValueChangeEvent")

APPLIED_CUSTOMER_BILLING_RATE = defined_topic(
    "billing", AppliedCustomerBillingRate, partitions=PARTITIONS
)
AppliedCustomerBillingRateCreateEvent = APPLIED_CUSTOMER_BILLING_RATE.event(
    "AppliedCustomerBillingRateCreateEvent"
)

CUSTOMER_BILL_ON_DEMAND = defined_topic("billing", CustomerBillOnDemand)
CustomerBillOnDemandCreateEvent = CUSTOMER_BILL_ON_DEMAND.event("CustomerBillOnDemandCreateEvent")
CustomerBillOnDemandStateChangeEvent = CUSTOMER_BILL_ON_DEMAND.event(
    "CustomerBillOnDemandStateChangeEvent"
)
