"""TMF663 shoppingCart: HTTP in and out."""

from collections.abc import Awaitable, Callable

from dualbus_events.contract.order import ProductOrder
from dualbus_events.contract.preorder import Quote, ShoppingCart
from dualbus_events.unit_of_work import UnitOfWork
from dualbus_tmf import openapi
from dualbus_tmf.bodies import PATCH_TYPES, parse_object
from dualbus_tmf.dependencies import ResourceId, Uow, load_one, service_of, storable
from dualbus_tmf.idempotency import answer_once
from dualbus_tmf.reading import read_router
from dualbus_tmf.writing import changed, check_if_match, created
from fastapi import APIRouter, Request, Response

from order_svc.shopping_cart.repository import ShoppingCarts
from order_svc.shopping_cart.use_cases import PATH, change_cart, fill_cart, order_cart, quote_cart

router = APIRouter(tags=["shoppingCart"])
router.include_router(read_router(ShoppingCarts, path=PATH))
_Work = Callable[[UnitOfWork], Awaitable[Response]]


@router.post(PATH, **openapi.create_operation("shoppingCart", ShoppingCart, required=[]))
async def create_shopping_cart(request: Request) -> Response:
    """201 with the cart and what it costs by the catalogue; an empty body makes an empty cart."""
    body = await parse_object(request)

    async def fill(uow: UnitOfWork) -> Response:
        return created(await fill_cart(uow, body))

    return await answer_once(request, service_of(request).database, scope=PATH, work=fill)


@router.patch(PATH + "/{id}", **openapi.patch_operation("shoppingCart", ShoppingCart))
async def patch_shopping_cart(request: Request, resource_id: ResourceId, uow: Uow) -> Response:
    """Merge a patch; the cart is priced anew."""
    patch = await parse_object(request, media_types=PATCH_TYPES)
    cart = await load_one(uow, ShoppingCarts, resource_id)
    check_if_match(request, cart)
    await change_cart(uow, cart, patch)
    return changed(cart)


@router.delete(PATH + "/{id}", **openapi.delete_operation("shoppingCart"))
async def delete_shopping_cart(request: Request, resource_id: ResourceId, uow: Uow) -> Response:
    """Forget a cart; what it has become stays."""
    cart = await load_one(uow, ShoppingCarts, resource_id)
    check_if_match(request, cart)
    cart.delete()
    return Response(status_code=204)


@router.post(
    PATH + "/{id}/productOrder",
    **openapi.derive_operation("productOrderOfShoppingCart", ProductOrder),
)
async def create_product_order_of_cart(request: Request, resource_id: ResourceId) -> Response:
    """Order what is in the cart: 201 with the order, 200 with the same one again."""

    async def order(uow: UnitOfWork) -> Response:
        made, is_new = await order_cart(uow, storable(resource_id))
        return created(made, status=201 if is_new else 200)

    return await _check_out(request, resource_id, "productOrder", order)


@router.post(
    PATH + "/{id}/quote",
    **openapi.derive_operation("quoteOfShoppingCart", Quote),
)
async def create_quote_of_cart(request: Request, resource_id: ResourceId) -> Response:
    """Have what is in the cart quoted: 201 with the quote, 200 with it while the cart stays."""

    async def quote(uow: UnitOfWork) -> Response:
        made, is_new = await quote_cart(uow, storable(resource_id))
        return created(made, status=201 if is_new else 200)

    return await _check_out(request, resource_id, "quote", quote)


async def _check_out(request: Request, resource_id: str, what: str, work: _Work) -> Response:
    scope = f"{PATH}/{storable(resource_id)}/{what}"
    return await answer_once(request, service_of(request).database, scope=scope, work=work)
