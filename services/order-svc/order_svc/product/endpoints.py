"""TMF637 product: read, and change what may be changed by hand."""

from dualbus_tmf import openapi
from dualbus_tmf.bodies import PATCH_TYPES, parse_object
from dualbus_tmf.dependencies import ResourceId, Uow, load_one
from dualbus_tmf.reading import read_router
from dualbus_tmf.writing import changed, check_if_match, merge_patch
from fastapi import APIRouter, Request, Response

from order_svc.product.repository import Products
from order_svc.product_order.intake import PRODUCT_PATH

router = APIRouter(tags=["productInventory"])
router.include_router(
    read_router(Products, path=PRODUCT_PATH, indexed={"relatedParty.id": "party_ids"})
)
_SERVER_SETS = frozenset(("orderDate", "productOrderItem", "relatedParty", "productOffering"))


@router.patch(
    PRODUCT_PATH + "/{id}",
    **openapi.patch_operation("product", Products.aggregate.document_type),
)
async def patch_product(request: Request, resource_id: ResourceId, uow: Uow) -> Response:
    """Merge a patch; a status moves as TMF637's machine allows."""
    patch = await parse_object(request, media_types=PATCH_TYPES)
    product = await load_one(uow, Products, resource_id)
    check_if_match(request, product)
    document = merge_patch(product.document, patch, unpatchable=_SERVER_SETS)
    if document != product.document:
        product.replace(document)
    return changed(product)
