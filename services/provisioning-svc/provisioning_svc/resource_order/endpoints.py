"""TMF652 resourceOrder: an order is posted, and read."""

from collections.abc import Mapping
from typing import Any

from dualbus_events.contract.resource_order import ResourceOrder as ResourceOrderDocument
from dualbus_events.unit_of_work import UnitOfWork
from dualbus_tmf import openapi
from dualbus_tmf.bodies import parse_object
from dualbus_tmf.declaration import new_document
from dualbus_tmf.dependencies import service_of
from dualbus_tmf.hrefs import Addressed
from dualbus_tmf.idempotency import answer_once
from dualbus_tmf.writing import created
from fastapi import APIRouter, Request, Response

from provisioning_svc.resource_order.aggregate import ResourceOrder
from provisioning_svc.resource_order.repository import RESOURCE_ORDERING
from provisioning_svc.resource_order.use_cases import place_resource_orders

_DECLARED = RESOURCE_ORDERING.declaration

router = APIRouter(tags=["resourceOrderingManagement"])
router.include_router(RESOURCE_ORDERING.router)


@router.post(
    _DECLARED.path,
    **openapi.create_operation("resourceOrder", ResourceOrderDocument, required=_DECLARED.required),
)
async def create_resource_order(request: Request) -> Response:
    """201 with the order as it was carried out, or with the reasons why it is rejected."""
    service = service_of(request)
    body = await parse_object(request)

    async def work(uow: UnitOfWork) -> Response:
        order = ResourceOrder(_new_document(body, service.settings))
        await place_resource_orders([order], uow)
        return created(order)

    return await answer_once(request, service.database, scope=_DECLARED.path, work=work)


def _new_document(body: Mapping[str, Any], addressed: Addressed) -> ResourceOrderDocument:
    """What a POST asks for. What is the server's to say is checked for its form, not stored."""
    given = {n: value for n, value in body.items() if n != "state" or not isinstance(value, str)}
    document = new_document(_DECLARED, given, addressed)
    if not isinstance(document, ResourceOrderDocument):
        raise TypeError(f"{type(document).__name__} is not what TMF652 declares")
    document.start_date = document.completion_date = None
    document.cancellation_date = document.cancellation_reason = None
    for item in document.order_item:
        item.state = item.assigned_resource = item.error_message = None
    return document
