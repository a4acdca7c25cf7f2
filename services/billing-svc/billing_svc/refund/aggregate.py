"""A refund: taken, then given from payments, or refused."""

from collections.abc import Sequence
from typing import Self

from dualbus_events.contract.payment import Refund as RefundDocument
from dualbus_events.contract.payment import (
    RefundCreateEvent,
    RefundItem,
    RefundStateChangeEvent,
)

from billing_svc.payment.movement import DONE, Movement, status_machine


class Refund(Movement[RefundDocument]):
    """Money back to a customer. `refundItem` says which payments gave it."""

    document_type = RefundDocument
    machine = status_machine("Refund")
    create_event = RefundCreateEvent
    state_event = RefundStateChangeEvent

    @classmethod
    def accept(cls, document: RefundDocument) -> Self:
        document.refund_date = None
        document.refund_item = None
        return super().accept(document)

    @property
    def payment_id(self) -> str | None:
        """The payment it is of; None for whatever was paid on the account."""
        return self.document.payment.id if self.document.payment else None

    def give(self, items: Sequence[RefundItem]) -> None:
        """Done: these are the payments it comes from."""
        self._move_to(DONE)
        self.document.refund_date = self.document.status_date
        self.document.refund_item = list(items)
        self.record(RefundStateChangeEvent)
