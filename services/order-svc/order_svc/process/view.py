"""What a process means for its order: the states of TMF622 that it shows. No IO."""

from dataclasses import dataclass

from dualbus_events.contract.order import ItemError, ProductOrderState
from dualbus_kit.clock import utc_now

from order_svc.process.graph import Item, Process


@dataclass(frozen=True, slots=True)
class ItemView:
    """An item's state on the order, and why it did not go through."""

    state: ProductOrderState
    code: str | None = None
    message: str | None = None

    def to_errors(self) -> list[ItemError] | None:
        """As the item's `errorMessage`."""
        if self.code is None:
            return None
        return [
            ItemError(
                code=self.code,
                reason=self.message or self.code,
                message=self.message,
                timestamp=utc_now(),
            )
        ]


@dataclass(frozen=True, slots=True)
class OrderView:
    """An order's state and those of its items, as its process has them."""

    state: ProductOrderState
    items: dict[str, ItemView]


def order_view(process: Process) -> OrderView:
    """TMF622 v4, state diagram; an order is held while any of its items waits for a person."""
    return OrderView(
        _order_state(process),
        {item.id: _item_view(process, item) for item in process.items.values()},
    )


def _order_state(process: Process) -> ProductOrderState:
    if process.ended:
        return process.ended
    if process.cancelling:
        return "pendingCancellation"
    if any(item.state == "fallout" for item in process.items.values()):
        return "held"
    return _under_way(process)


def _under_way(process: Process) -> ProductOrderState:
    if process.answered or any(item.state != "open" for item in process.items.values()):
        return "inProgress"
    return "acknowledged" if process.start_at is None else "pending"


def _item_view(process: Process, item: Item) -> ItemView:
    error = item.error or {}
    return ItemView(_item_state(process, item), error.get("code"), error.get("message"))


def _item_state(process: Process, item: Item) -> ProductOrderState:
    if item.state == "completed":
        return "completed"
    if item.state == "failed":
        return "cancelled" if process.cancelling else "failed"
    if process.cancelling:
        return "pendingCancellation"
    return "held" if item.state == "fallout" else _under_way(process)
