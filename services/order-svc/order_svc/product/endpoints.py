"""TMF637 product: read, record, change what may be changed by hand, delete."""

from dualbus_events.unit_of_work import UnitOfWork
from dualbus_tmf import openapi
from dualbus_tmf.bodies import PATCH_TYPES, parse_object
from dualbus_tmf.dependencies import ResourceId, Uow, load_one, service_of
from dualbus_tmf.idempotency import answer_once
from dualbus_tmf.reading import read_router
from dualbus_tmf.writing import changed, check_if_match, created, merge_patch
from fastapi import APIRouter, Request, Response

from order_svc.product.aggregate import Product, completed
from order_svc.product.recording import recorded_product
from order_svc.product.repository import Products
from order_svc.product_order.intake import PRODUCT_PATH

router = APIRouter(tags=["productInventory"])
router.include_router(
    read_router(Products, path=PRODUCT_PATH, indexed={"relatedParty.id": "party_ids"})
)
_SERVER_SETS = frozenset(("orderDate", "productOrderItem", "relatedParty", "productOffering"))


@router.post(
    PRODUCT_PATH,
    **openapi.create_operation("product", Products.aggregate.document_type, required=["status"]),
)
async def create_product(request: Request) -> Response:
    """Record a product as it is; one that is to be delivered and charged is ordered (TMF622)."""
    service = service_of(request)
    document = recorded_product(await parse_object(request), service.settings)

    async def record(uow: UnitOfWork) -> Response:
        product = Product(document.model_copy())
        product.deliver()
        uow.add(product)
        return created(product)

    return await answer_once(request, service.database, scope=PRODUCT_PATH, work=record)


@router.patch(
    PRODUCT_PATH + "/{id}",
    **openapi.patch_operation("product", Products.aggregate.document_type),
)
async def patch_product(request: Request, resource_id: ResourceId, uow: Uow) -> Response:
    """Merge a patch; a status moves as TMF637's machine allows."""
    patch = await parse_object(request, media_types=PATCH_TYPES)
    product = await load_one(uow, Products, resource_id)
    check_if_match(request, product)
    document = completed(merge_patch(product.document, patch, unpatchable=_SERVER_SETS))
    if document != product.document:
        product.replace(document)
    return changed(product)


@router.delete(PRODUCT_PATH + "/{id}", **openapi.delete_operation("product"))
async def delete_product(request: Request, resource_id: ResourceId, uow: Uow) -> Response:
    """Forget a product that has ended, or that never began."""
    product = await load_one(uow, Products, resource_id)
    check_if_match(request, product)
    product.delete()
    return Response(status_code=204)
