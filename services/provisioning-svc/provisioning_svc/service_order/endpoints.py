"""TMF641 serviceOrder: an order is posted, and read."""

from dualbus_events.contract.provisioning import ServiceOrder as ServiceOrderDocument
from dualbus_events.unit_of_work import UnitOfWork
from dualbus_tmf import openapi
from dualbus_tmf.bodies import parse_object
from dualbus_tmf.declaration import new_document
from dualbus_tmf.dependencies import service_of
from dualbus_tmf.idempotency import answer_once
from dualbus_tmf.writing import created
from fastapi import APIRouter, Request, Response

from provisioning_svc.service_order.aggregate import ServiceOrder
from provisioning_svc.service_order.repository import SERVICE_ORDERING
from provisioning_svc.service_order.use_cases import place_service_orders

_DECLARED = SERVICE_ORDERING.declaration

router = APIRouter(tags=["serviceOrdering"])
router.include_router(SERVICE_ORDERING.router)


@router.post(
    _DECLARED.path,
    **openapi.create_operation("serviceOrder", ServiceOrderDocument, required=_DECLARED.required),
)
async def create_service_order(request: Request) -> Response:
    """201 with the order: `inProgress`, `rejected` with reasons, or `acknowledged` where it waits
    for its date or for a person."""
    service = service_of(request)
    body = await parse_object(request)

    async def work(uow: UnitOfWork) -> Response:
        document = new_document(_DECLARED, body, service.settings)
        if not isinstance(document, ServiceOrderDocument):
            raise TypeError(f"{type(document).__name__} is not what TMF641 declares")
        order = ServiceOrder(document)
        await place_service_orders([order], uow)
        return created(order)

    return await answer_once(request, service.database, scope=_DECLARED.path, work=work)
