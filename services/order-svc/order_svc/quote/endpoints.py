"""TMF648 quote: HTTP in and out."""

from dualbus_events.contract.order import ProductOrder
from dualbus_events.contract.preorder import Quote
from dualbus_events.unit_of_work import UnitOfWork
from dualbus_tmf import openapi
from dualbus_tmf.bodies import PATCH_TYPES, object_of, parse_object
from dualbus_tmf.dependencies import ResourceId, Uow, load_one, service_of, storable
from dualbus_tmf.idempotency import answer_once
from dualbus_tmf.reading import read_router
from dualbus_tmf.writing import changed, check_if_match, created
from fastapi import APIRouter, Request, Response

from order_svc.quote.intake import PATH, new_quote
from order_svc.quote.repository import Quotes
from order_svc.quote.use_cases import change_quote, make_quote, order_quote

router = APIRouter(tags=["quoteManagement"])
router.include_router(read_router(Quotes, path=PATH))


@router.post(PATH, **openapi.create_operation("quote", Quote, required=["quoteItem"]))
async def create_quote(request: Request) -> Response:
    """201: in progress, priced from the catalogue; approved if it can be answered at once."""
    service = service_of(request)
    body = await parse_object(request)

    async def make(uow: UnitOfWork) -> Response:
        return created(await make_quote(uow, new_quote(body, service.settings)))

    return await answer_once(request, service.database, scope=PATH, work=make)


@router.patch(PATH + "/{id}", **openapi.patch_operation("quote", Quote))
async def patch_quote(request: Request, resource_id: ResourceId, uow: Uow) -> Response:
    """Merge a patch; the state moves as TMF648's machine allows, an offer made is fixed."""
    patch = await parse_object(request, media_types=PATCH_TYPES)
    quote = await load_one(uow, Quotes, resource_id)
    check_if_match(request, quote)
    await change_quote(uow, quote, patch)
    return changed(quote)


@router.delete(PATH + "/{id}", **openapi.delete_operation("quote"))
async def delete_quote(request: Request, resource_id: ResourceId, uow: Uow) -> Response:
    """Forget a quote; an order that was made of it stays."""
    quote = await load_one(uow, Quotes, resource_id)
    check_if_match(request, quote)
    quote.delete()
    return Response(status_code=204)


@router.post(
    PATH + "/{id}/productOrder",
    **openapi.derive_operation("productOrderOfQuote", ProductOrder),
)
async def create_product_order_of_quote(request: Request, resource_id: ResourceId) -> Response:
    """Order an accepted quote at its prices: 201 with the order, 200 with the same one again.

    A body is laid under what the quote says, for dates and notes of the order.
    """
    service = service_of(request)
    raw = await request.body()
    extra = object_of(raw) if raw.strip() else {}

    async def order(uow: UnitOfWork) -> Response:
        made, is_new = await order_quote(uow, storable(resource_id), extra)
        return created(made, status=201 if is_new else 200)

    scope = f"{PATH}/{storable(resource_id)}/productOrder"
    return await answer_once(request, service.database, scope=scope, work=order)
