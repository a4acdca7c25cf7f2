"""The task of cancelling a product order: accepted and carried out, or refused."""

from typing import Any, Literal

from dualbus_events.aggregate import Aggregate
from dualbus_events.contract.order import (
    CancelProductOrderCreateEvent,
    CancelProductOrderStateChangeEvent,
    ItemError,
)
from dualbus_events.document import customer_of
from dualbus_kit.clock import utc_now
from dualbus_tmf.state_machines import CANCEL_PRODUCT_ORDER

from order_svc.cancel_product_order.document import CancelProductOrder as CancelProductOrderDocument


class CancelProductOrder(Aggregate[CancelProductOrderDocument]):
    """TMF622 CancelProductOrder. done: all is undone; terminatedWithError: too late, see why."""

    document_type = CancelProductOrderDocument

    @property
    def customer_id(self) -> str | None:
        return customer_of(self.document.related_party)

    def take(self) -> None:
        self.record(CancelProductOrderCreateEvent)

    def begin(self) -> None:
        """The order can still be cancelled; what was done for it is being undone."""
        self._move_to("inProgress")

    def finish(self) -> None:
        """Everything is undone."""
        self.document.effective_cancellation_date = utc_now()
        self._move_to("done")

    def refuse(self, code: str, message: str) -> None:
        """The order is past the point of no return and goes on."""
        self._move_to("inProgress")
        self.document.error_message = [
            ItemError(code=code, reason=message, message=message, timestamp=utc_now())
        ]
        self._move_to("terminatedWithError")

    def _move_to(self, state: Literal["inProgress", "done", "terminatedWithError"]) -> None:
        CANCEL_PRODUCT_ORDER.check(self.document.state, state, resource_id=self.id)
        self.document.state = state
        self.record(CancelProductOrderStateChangeEvent)


def product_order_id(document: Any) -> str:
    return str(document.product_order.id)
