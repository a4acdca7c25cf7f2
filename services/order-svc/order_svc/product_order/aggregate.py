"""A product order, and what may still happen to it."""

from collections.abc import Iterable

from dualbus_events.aggregate import Aggregate
from dualbus_events.contract.order import (
    ItemError,
    ProductOrderAttributeValueChangeEvent,
    ProductOrderCreateEvent,
    ProductOrderDeleteEvent,
    ProductOrderState,
    ProductOrderStateChangeEvent,
)
from dualbus_events.contract.order import ProductOrder as ProductOrderDocument
from dualbus_events.document import Note, Reference, customer_of
from dualbus_kit.clock import utc_now
from dualbus_tmf.state_machines import PRODUCT_ORDER

from order_svc.process.view import ItemView, OrderView
from order_svc.product_order.errors import ProductOrderNotCancellable

_CANCELLING = ("assessingCancellation", "pendingCancellation")


class ProductOrder(Aggregate[ProductOrderDocument]):
    """A customer's order. Its process leads its state; without one, a person does."""

    document_type = ProductOrderDocument

    @property
    def customer_id(self) -> str | None:
        return customer_of(self.document.related_party)

    @property
    def reference(self) -> Reference:
        """As other resources name it."""
        return Reference(id=self.id, href=self.document.href, referred_type="ProductOrder")

    def take(self) -> None:
        """The order is taken: nothing later asks the channel again."""
        self.document.state = "acknowledged"
        for item in self.document.product_order_item:
            item.state = "acknowledged"
        self.record(ProductOrderCreateEvent)

    def reject(self, reasons: dict[str, ItemError]) -> None:
        """One item that can't be delivered rejects the order (TMF622 v4, state diagram)."""
        self.document.state = "rejected"
        for item in self.document.product_order_item:
            item.state = "rejected"
            if item.id in reasons:
                item.error_message = [reasons[item.id]]
        self.record(ProductOrderCreateEvent)

    def reject_whole(self, code: str, message: str) -> None:
        """The items can't be delivered together."""
        error = ItemError(code=code, reason=message, message=message, timestamp=utc_now())
        self.reject({item.id: error for item in self.document.product_order_item})

    def follow(self, view: OrderView) -> None:
        """Show what the process has come to: one event, or none when nothing shows.

        Where TM Forum's machine knows no direct move, the order passes through inProgress.
        """
        items_changed = self._follow_items(view.items)
        if view.state != self.document.state:
            for step in self._steps_to(view.state):
                self._move_to(step)
        elif items_changed:
            self.record(ProductOrderAttributeValueChangeEvent)

    def assess_cancellation(self) -> ProductOrderState:
        """Look whether the order can be cancelled; the state to go back to if not.

        Raises ProductOrderNotCancellable for a final order, or one that is being cancelled.
        """
        before = self.document.state
        if before in PRODUCT_ORDER.final or before in _CANCELLING:
            raise ProductOrderNotCancellable(
                f"Product order {self.id} is {before} and can't move to assessingCancellation",
                extra={"from": before, "to": "assessingCancellation"},
            )
        if before == "acknowledged":
            self._move_to("pending")
        self._move_to("assessingCancellation")
        return before

    def deny_cancellation(self, back_to: ProductOrderState) -> None:
        self._move_to(back_to)

    def accept_cancellation(self, reason: str | None, view: OrderView) -> None:
        """There is a way back, and the process is on it."""
        self.document.cancellation_reason = reason
        self.follow(view)

    def cancel(self, reason: str | None) -> None:
        """Nothing was done for it, so nothing is undone."""
        self.document.cancellation_reason = reason
        for item in self.document.product_order_item:
            item.state = "cancelled"
        self._move_to("pendingCancellation")
        self._move_to("cancelled")

    def delete(self) -> None:
        """Nobody needs it any longer."""
        self.record(ProductOrderDeleteEvent)

    def note(self, text: str, *, author: str) -> None:
        """Write something down on the order."""
        self.document.note = [
            *(self.document.note or []),
            Note(text=text, author=author, date=utc_now()),
        ]
        self.record(ProductOrderAttributeValueChangeEvent)

    def replace(self, document: ProductOrderDocument) -> None:
        """Take a changed document; a move of the state is checked and recorded as one."""
        before, target = self.document.state, document.state
        self.document = document
        if before == target:
            self.record(ProductOrderAttributeValueChangeEvent)
            return
        document.state = before
        self._move_to(target)

    def _follow_items(self, views: dict[str, ItemView]) -> bool:
        changed = False
        for item in self.document.product_order_item:
            view = views.get(item.id)
            if view is None:
                continue
            known = item.error_message[0].code if item.error_message else None
            if item.state != view.state or known != view.code:
                item.state, item.error_message = view.state, view.to_errors()
                changed = True
        return changed

    def _steps_to(self, state: ProductOrderState) -> Iterable[ProductOrderState]:
        if PRODUCT_ORDER.allows(self.document.state, state):
            return (state,)
        return ("pendingCancellation" if state == "cancelled" else "inProgress", state)

    def _move_to(self, state: ProductOrderState) -> None:
        PRODUCT_ORDER.check(self.document.state, state, resource_id=self.id)
        self.document.state = state
        if state == "cancelled":
            self.document.cancellation_date = utc_now()
        elif state in PRODUCT_ORDER.final:
            self.document.completion_date = utc_now()
        self.record(ProductOrderStateChangeEvent)
