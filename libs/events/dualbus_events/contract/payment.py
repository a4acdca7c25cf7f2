"""Facts that billing-svc owns about money that came in: TMF676 payments."""

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


class PaymentItem(WireModel):
    """TMF676 PaymentItem: the part of a payment that is for one bill."""

    id: str | None = None
    item: Reference
    total_amount: Money | None = None


@defined("TMF676")
class Payment(Document):
    """TMF676 Payment: money for an account, and which bills it settled."""

    status: str | None = None
    status_date: Moment | None = None
    status_reason: str | None = None
    payment_date: Moment | None = None
    correlator_id: str | None = None
    account: Reference
    total_amount: Money
    payment_item: list[PaymentItem] | None = None
    related_party: list[RelatedParty] | None = None


PAYMENT = defined_topic("billing", Payment, partitions=PARTITIONS)
PaymentCreateEvent = PAYMENT.event("PaymentCreateEvent")
PaymentStateChangeEvent = PAYMENT.event("PaymentStateChangeEvent")
PaymentAttributeValueChangeEvent = PAYMENT.event("PaymentAttributeValueChangeEvent")
