"""Ending cancellations whose orders' processes are back at their beginning."""

from collections.abc import Mapping

from dualbus_events.unit_of_work import UnitOfWork
from dualbus_kit.causation import Cause, caused_by

from order_svc.cancel_product_order.repository import CancelProductOrders


async def finish_cancellations(uow: UnitOfWork, causes: Mapping[str, Cause]) -> None:
    """Everything of these orders is undone: the tasks of cancelling them, by id, are done."""
    for id_, cancellation in (await uow.find(CancelProductOrders, list(causes))).items():
        with caused_by(causes[id_]):
            cancellation.finish()
