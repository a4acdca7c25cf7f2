"""TMF622 productOrder: HTTP in and out."""

from dualbus_events.contract.order import ProductOrder
from dualbus_tmf import openapi
from dualbus_tmf.bodies import PATCH_TYPES, parse_object
from dualbus_tmf.dependencies import ResourceId, Uow, load_one, service_of, storable
from dualbus_tmf.idempotency import hash_of, key_of
from dualbus_tmf.reading import read_router
from dualbus_tmf.writing import changed, check_if_match
from fastapi import APIRouter, Request, Response

from order_svc.process.store import has_process
from order_svc.product_order.deletion import delete_product_order
from order_svc.product_order.intake import PATH, new_product_order
from order_svc.product_order.intake_desk import place_product_order
from order_svc.product_order.patching import patched_order
from order_svc.product_order.repository import ProductOrders
from order_svc.product_order.use_cases import PlaceRequest

router = APIRouter(tags=["productOrderingManagement"])
router.include_router(
    read_router(
        ProductOrders,
        path=PATH,
        indexed={
            "relatedParty.id": "party_ids",
            "productOrderItem.product.productCharacteristic.value": "item_values.characteristic",
            "productOrderItem.product.id": "item_values.product",
            "productOrderItem.productOffering.id": "item_values.offering",
        },
    )
)


@router.post(
    PATH,
    **openapi.create_operation("productOrder", ProductOrder, required=["productOrderItem"]),
)
async def create_product_order(request: Request) -> Response:
    """201: the order is taken, or kept as rejected with the reason on its items."""
    service = service_of(request)
    key = key_of(request)
    order = new_product_order(await parse_object(request), service.settings)
    request_hash = hash_of(await request.body()) if key else b""
    return await place_product_order(service.database, PlaceRequest(order, key, request_hash))


@router.patch(PATH + "/{id}", **openapi.patch_operation("productOrder", ProductOrder))
async def patch_product_order(request: Request, resource_id: ResourceId, uow: Uow) -> Response:
    """Merge a patch: what describes the order, never what has been ordered."""
    patch = await parse_object(request, media_types=PATCH_TYPES)
    order = await load_one(uow, ProductOrders, resource_id)
    check_if_match(request, order)
    document = patched_order(
        order.document,
        patch,
        has_process=await has_process(uow.connection, order.id),
        has_if_match="if-match" in request.headers,
    )
    if document != order.document:
        order.replace(document)
    return changed(order)


@router.delete(PATH + "/{id}", **openapi.delete_operation("productOrder"))
async def remove_product_order(request: Request, resource_id: ResourceId, uow: Uow) -> Response:
    """Delete an order that has ended, or that nothing was done for."""
    await delete_product_order(
        storable(resource_id), uow, check=lambda order: check_if_match(request, order)
    )
    return Response(status_code=204)
