"""A charge, and what may still happen to it."""

from datetime import datetime

from dualbus_events.aggregate import Aggregate
from dualbus_events.contract.billing import ChargeCreateEvent, ChargeStateChangeEvent
from dualbus_events.document import Reference, customer_of
from dualbus_tmf.states import StateMachine

from billing_svc.charge.document import Charge as ChargeDocument

CHARGE = StateMachine(
    "Charge", initial={"active"}, moves={"active": {"ended"}, "ended": {"active"}}
)
"""Ours. Back to active only when the end itself is taken back."""


class Charge(Aggregate[ChargeDocument]):
    """A price of one product, charged from its start to its end, or once."""

    document_type = ChargeDocument

    @classmethod
    def start(cls, document: ChargeDocument) -> "Charge":
        charge = cls(document)
        charge.record(ChargeCreateEvent)
        return charge

    @property
    def customer_id(self) -> str | None:
        return customer_of(self.document.related_party)

    @property
    def active(self) -> bool:
        return self.document.state == "active"

    @property
    def void(self) -> bool:
        return is_void(self.document)

    def end(self, moment: datetime) -> None:
        """Charge nothing from `moment` on; one before the start means that nothing ever was."""
        CHARGE.check(self.document.state, "ended", resource_id=self.id)
        self.document.end_date = max(moment, self.document.start_date)
        self._move_to("ended")

    def cancel(self) -> None:
        """Take it back: the end is the start, so it is never billed (again)."""
        self.document.end_date = self.document.start_date
        self._move_to("ended")

    def resume(self) -> None:
        """Take the end back."""
        CHARGE.check(self.document.state, "active", resource_id=self.id)
        self.document.end_date = None
        self._move_to("active")

    def settle(self, bill: Reference) -> None:
        """A one-off charge is done when it is on a bill."""
        CHARGE.check(self.document.state, "ended", resource_id=self.id)
        self.document.bill = bill
        self._move_to("ended")

    def _move_to(self, state: str) -> None:
        self.document.state = "active" if state == "active" else "ended"
        self.record(ChargeStateChangeEvent)


def is_void(document: ChargeDocument) -> bool:
    """Ended at its very start: nothing of it can ever be billed."""
    return document.end_date is not None and document.end_date <= document.start_date


def price_key(document: ChargeDocument) -> str:
    """Which of its product's prices this is: the catalogue's id, or the name where it has none."""
    price = document.product_offering_price
    return price.id if price else f"{document.price_type}:{document.name}"
