"""TMF622 cancelProductOrder: a task is posted, and read."""

from dualbus_events.contract.order import CancelProductOrder
from dualbus_events.unit_of_work import UnitOfWork
from dualbus_tmf import openapi
from dualbus_tmf.bodies import parse_object
from dualbus_tmf.dependencies import service_of
from dualbus_tmf.idempotency import answer_once
from dualbus_tmf.reading import read_router
from dualbus_tmf.writing import created
from fastapi import APIRouter, Request, Response

from order_svc.cancel_product_order.repository import CancelProductOrders
from order_svc.cancel_product_order.use_cases import (
    PATH,
    cancel_product_order,
    new_cancel_product_order,
)

router = APIRouter(tags=["productOrderingManagement"])
router.include_router(
    read_router(CancelProductOrders, path=PATH, indexed={"productOrder.id": "product_order_id"})
)


@router.post(
    PATH,
    **openapi.create_operation("cancelProductOrder", CancelProductOrder, required=["productOrder"]),
)
async def create_cancel_product_order(request: Request) -> Response:
    """201 with the task, which says whether the order is being cancelled or it is too late."""
    service = service_of(request)
    document = new_cancel_product_order(await parse_object(request), service.settings)

    async def work(uow: UnitOfWork) -> Response:
        cancellation = await cancel_product_order(document.model_copy(), uow)
        return created(cancellation)

    return await answer_once(request, service.database, scope=PATH, work=work)
