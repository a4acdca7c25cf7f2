"""Cancelling product orders, while there is a way back."""

from collections.abc import Mapping
from typing import Any

from dualbus_events.tmforum.definition import resource_definition
from dualbus_events.unit_of_work import UnitOfWork
from dualbus_kit.causation import current_cause
from dualbus_kit.ids import new_id
from dualbus_tmf.bodies import validated
from dualbus_tmf.declaration import check_required
from dualbus_tmf.hrefs import Addressed, href_of
from dualbus_tmf.profiles import required_of

from order_svc.cancel_product_order.aggregate import CancelProductOrder
from order_svc.cancel_product_order.document import CancelProductOrder as CancelProductOrderDocument
from order_svc.process import engine
from order_svc.process.errors import PastPointOfNoReturn
from order_svc.process.progress import Stepped, save_steps
from order_svc.process.store import lock_processes
from order_svc.process.view import order_view
from order_svc.product_order.aggregate import ProductOrder
from order_svc.product_order.repository import ProductOrders

PATH = "/tmf-api/productOrderingManagement/v4/cancelProductOrder"
_REQUIRED = required_of(resource_definition("TMF622", "CancelProductOrder"))


def new_cancel_product_order(
    body: Mapping[str, Any], addressed: Addressed
) -> CancelProductOrderDocument:
    """The task a POST brings. Raises Invalid, saying what is wrong and where."""
    check_required(body, _REQUIRED)
    cancel_id = new_id()
    document = validated(
        CancelProductOrderDocument,
        {
            "@type": "CancelProductOrder",
            "state": "acknowledged",
            **{name: value for name, value in body.items() if value is not None},
            "id": cancel_id,
            "href": href_of(addressed, PATH, cancel_id),
        },
    )
    # The server's to say; what a channel sends there is checked for its form and not stored.
    document.state = "acknowledged"
    document.effective_cancellation_date = document.error_message = document.related_party = None
    return document


async def cancel_product_order(
    document: CancelProductOrderDocument, uow: UnitOfWork
) -> CancelProductOrder:
    """Assess and answer at once: carried out from here on, or terminatedWithError.

    Raises ProductOrderNotFound, and ProductOrderNotCancellable for an order that has ended or is
    being cancelled already.
    """
    # Processes are locked before orders, here as everywhere.
    locked = await lock_processes(uow.connection, [document.product_order.id])
    [order] = await uow.load(ProductOrders, [document.product_order.id])
    back_to = order.assess_cancellation()
    document.product_order = document.product_order.model_copy(
        update={"href": order.document.href, "referred_type": "ProductOrder"}
    )
    document.related_party = order.document.related_party
    cancellation = CancelProductOrder(document)
    cancellation.take()
    uow.add(cancellation)
    process = locked.processes.get(order.id)
    if process is None:
        _cancel_by_hand(order, cancellation)
        return cancellation
    before = order_view(process)
    try:
        engine.cancel(process, cancellation.id, locked.now)
    except PastPointOfNoReturn as error:
        order.deny_cancellation(back_to)
        cancellation.refuse(error.code, str(error))
        return cancellation
    order.accept_cancellation(document.cancellation_reason, order_view(process))
    cancellation.begin()
    await save_steps(uow, [Stepped(process, before, current_cause())], locked)
    return cancellation


def _cancel_by_hand(order: ProductOrder, cancellation: CancelProductOrder) -> None:
    """An order without a process waits for a person: nothing was done for it."""
    order.cancel(cancellation.document.cancellation_reason)
    cancellation.begin()
    cancellation.finish()
