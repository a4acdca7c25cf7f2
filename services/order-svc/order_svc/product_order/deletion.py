"""Deleting product orders: those that have ended, and those that nothing was done for."""

from collections.abc import Callable

from dualbus_events.unit_of_work import UnitOfWork

from order_svc.process.store import delete_processes, lock_processes
from order_svc.product_order.aggregate import ProductOrder
from order_svc.product_order.errors import ProductOrderNotDeletable
from order_svc.product_order.repository import ProductOrders


async def delete_product_order(
    order_id: str, uow: UnitOfWork, *, check: Callable[[ProductOrder], None]
) -> None:
    """Delete an order and its ended process; what it delivered stays.

    `check` may refuse the version that is there. Raises ProductOrderNotFound, and
    ProductOrderNotDeletable for an order whose process still goes on: cancel that first.
    """
    # Processes are locked before orders, here as everywhere.
    locked = await lock_processes(uow.connection, [order_id])
    [order] = await uow.load(ProductOrders, [order_id])
    check(order)
    process = locked.processes.get(order_id)
    if process is not None and not process.ended:
        raise ProductOrderNotDeletable(
            f"Product order {order_id} is {order.document.state}: cancel it before deleting it",
            extra={"from": order.document.state, "to": "deleted"},
        )
    await delete_processes(uow.connection, [order_id])
    order.delete()
