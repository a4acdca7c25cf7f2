"""A quote: priced while it is being worked on, fixed once approved, ordered once."""

from datetime import datetime

from dualbus_events.aggregate import Aggregate
from dualbus_events.contract.preorder import QUOTE as QUOTE_TOPIC
from dualbus_events.contract.preorder import Quote as QuoteDocument
from dualbus_events.contract.preorder import QuoteState
from dualbus_events.document import Reference, customer_of
from dualbus_kit.clock import utc_now
from dualbus_tmf.state_machines import QUOTE

from order_svc.quote.errors import QuoteExpired, QuoteFixed, QuoteNotAccepted

_CREATED = QUOTE_TOPIC.event("QuoteCreateEvent")
_CHANGED = QUOTE_TOPIC.event("QuoteAttributeValueChangeEvent")
_MOVED = QUOTE_TOPIC.event("QuoteStateChangeEvent")
_DELETED = QUOTE_TOPIC.event("QuoteDeleteEvent")
_OPEN = ("inProgress", "pending")


class Quote(Aggregate[QuoteDocument]):
    """TMF648 Quote."""

    document_type = QuoteDocument

    @property
    def customer_id(self) -> str | None:
        return customer_of(self.document.related_party)

    @property
    def reference(self) -> Reference:
        """As other resources name it."""
        return Reference(id=self.id, href=self.document.href, referred_type="Quote")

    def create(self) -> None:
        """It is being worked on from now on."""
        self._set_state("inProgress")
        self.record(_CREATED)

    def approve(self) -> None:
        """What it says is offered to the customer."""
        self._move_to("approved")

    def replace(self, document: QuoteDocument) -> None:
        """Take a changed document; a move of the state is checked and recorded as one.

        Raises IllegalStateMove, QuoteFixed when an offer that was made would be another, and
        QuoteExpired for one that is accepted too late.
        """
        before, target = self.document.state, document.state
        if before != target:
            QUOTE.check(before, target, resource_id=self.id)
        if before not in _OPEN and _offer_of(document) != _offer_of(self.document):
            raise QuoteFixed(
                f"Quote {self.id} is {before}: its items, prices, parties and validity are fixed"
            )
        document.state = before
        self.document = document
        if before == target:
            self.record(_CHANGED)
            return
        if target == "accepted":
            self._check_valid(utc_now())
        self._move_to(target)

    def order(self, product_order: Reference) -> None:
        """It has become this order. Raises QuoteNotAccepted."""
        self.check_orderable()
        self.document.product_order = product_order
        self.record(_CHANGED)

    def check_orderable(self) -> None:
        """Raises QuoteNotAccepted, naming the state it is in."""
        if self.document.state != "accepted":
            raise QuoteNotAccepted(
                f"Quote {self.id} is {self.document.state} and can't be ordered; "
                "it must be accepted first",
                extra={"from": self.document.state, "to": "ordered"},
            )

    def delete(self) -> None:
        self.record(_DELETED)

    def _check_valid(self, now: datetime) -> None:
        period = self.document.valid_for
        if period and period.end_date_time and now >= period.end_date_time:
            raise QuoteExpired(
                f"Quote {self.id} was valid until {period.end_date_time.isoformat()}",
                extra={"from": self.document.state, "to": "accepted"},
            )

    def _move_to(self, state: QuoteState) -> None:
        QUOTE.check(self.document.state, state, resource_id=self.id)
        self._set_state(state)
        if state not in ("inProgress", "pending", "accepted"):
            self.document.effective_quote_completion_date = utc_now()
        self.record(_MOVED)

    def _set_state(self, state: QuoteState) -> None:
        self.document.state = state
        for item in self.document.quote_item:
            item.state = state


def _offer_of(document: QuoteDocument) -> object:
    return document.model_dump(
        include={"quote_item", "quote_total_price", "related_party", "valid_for"},
        exclude={"quote_item": {"__all__": {"state"}}},
    )
