"""Facts that billing-svc owns about money that comes in and goes back: TMF676."""

from dualbus_events.document import (
    Document,
    Moment,
    Money,
    Reference,
    RelatedParty,
    WireModel,
)
from dualbus_events.facts import PARTITIONS
from dualbus_events.tmforum.documents import defined, defined_topic


class MoneyMovement(Document):
    """What a payment and a refund have in common."""

    status: str | None = None
    status_date: Moment | None = None
    status_reason: str | None = None
    correlator_id: str | None = None
    account: Reference
    total_amount: Money
    related_party: list[RelatedParty] | None = None


class PaymentItem(WireModel):
    """TMF676 PaymentItem: the part of a payment that is for one bill."""

    id: str | None = None
    item: Reference
    total_amount: Money | None = None


@defined("TMF676")
class Payment(MoneyMovement):
    """TMF676 Payment: money for an account, and which bills it settled."""

    payment_date: Moment | None = None
    payment_item: list[PaymentItem] | None = None
    refunded_amount: Money | None = None


class RefundItem(WireModel):
    """What of a refund one payment gave, and the bill it had settled; no bill for credit."""

    payment: Reference
    item: Reference | None = None
    total_amount: Money


@defined("TMF676")
class Refund(MoneyMovement):
    """TMF676 Refund: money back to a customer, and which payments gave it."""

    refund_date: Moment | None = None
    payment: Reference | None = None
    refund_item: list[RefundItem] | None = None


PAYMENT = defined_topic("billing", Payment, partitions=PARTITIONS)
PaymentCreateEvent = PAYMENT.event("PaymentCreateEvent")
PaymentStateChangeEvent = PAYMENT.event("PaymentStateChangeEvent")
PaymentAttributeValueChangeEvent = PAYMENT.event("PaymentAttributeValueChangeEvent")

REFUND = defined_topic("billing", Refund)
RefundCreateEvent = REFUND.event("RefundCreateEvent")
RefundStateChangeEvent = REFUND.event("RefundStateChangeEvent")
