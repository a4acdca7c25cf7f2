"""Filling shopping carts, and making quotes and orders of them."""

from collections.abc import Mapping
from typing import Any

from dualbus_events.contract.preorder import ShoppingCart as ShoppingCartDocument
from dualbus_events.unit_of_work import UnitOfWork
from dualbus_kit.causation import current_cause
from dualbus_kit.clock import utc_now
from dualbus_kit.ids import new_id
from dualbus_tmf.bodies import validated
from dualbus_tmf.hrefs import href_of
from dualbus_tmf.writing import merge_patch

from order_svc.pricing.offered import offers_of
from order_svc.product_order.aggregate import ProductOrder
from order_svc.product_order.intake import new_product_order
from order_svc.product_order.repository import ProductOrders
from order_svc.product_order.taking import take_product_orders
from order_svc.quote.aggregate import Quote
from order_svc.quote.intake import new_quote
from order_svc.quote.repository import Quotes
from order_svc.quote.use_cases import make_quote
from order_svc.shopping_cart.aggregate import ShoppingCart
from order_svc.shopping_cart.items import as_order_items, complete_items, items_of, price_cart
from order_svc.shopping_cart.repository import ShoppingCarts

PATH = "/tmf-api/shoppingCart/v4/shoppingCart"
_SERVER_SETS = frozenset(("cartTotalPrice", "quote", "productOrder"))


async def fill_cart(uow: UnitOfWork, body: Mapping[str, Any]) -> ShoppingCart:
    """A new cart, priced. Raises InvalidBody and PriceNotOffered."""
    cart_id = new_id()
    document = validated(
        ShoppingCartDocument,
        {
            "@type": "ShoppingCart",
            **{name: value for name, value in body.items() if value is not None},
            "id": cart_id,
            "href": href_of(uow, PATH, cart_id),
        },
    )
    # The server's to say; what a channel sends there is checked for its form and not stored.
    document.quote = document.product_order = None
    await _price(uow, document)
    cart = ShoppingCart(document)
    cart.create()
    uow.add(cart)
    return cart


async def change_cart(uow: UnitOfWork, cart: ShoppingCart, patch: Mapping[str, Any]) -> None:
    """Merge a patch and price the cart anew; what it is worth and has become is not patched."""
    changes = {name: value for name, value in patch.items() if name not in _SERVER_SETS}
    document = merge_patch(cart.document, changes)
    await _price(uow, document)
    if document != cart.document:
        cart.replace(document)


async def order_cart(uow: UnitOfWork, cart_id: str) -> tuple[ProductOrder, bool]:
    """The order of a cart's chosen items, and whether it is new: a cart is ordered once.

    A rejected order leaves the cart as it is. Raises ShoppingCartEmpty, ShoppingCartExpired.
    """
    [cart] = await uow.load(ShoppingCarts, [cart_id])
    if cart.document.product_order:
        [order] = await uow.load(ProductOrders, [cart.document.product_order.id])
        return order, False
    cart.check_out(utc_now())
    items = as_order_items(items_of(cart.document), "itemPrice")
    document = new_product_order({**_from_cart(cart), "productOrderItem": items}, uow)
    [order] = await take_product_orders(uow, [(document, current_cause())])
    if order.document.state != "rejected":
        cart.ordered(order.reference)
    return order, True


async def quote_cart(uow: UnitOfWork, cart_id: str) -> tuple[Quote, bool]:
    """The quote of a cart's chosen items, and whether it is new: one as long as the cart stays.

    Raises ShoppingCartEmpty, ShoppingCartExpired.
    """
    [cart] = await uow.load(ShoppingCarts, [cart_id])
    known = cart.document.quote
    existing = (await uow.find(Quotes, [known.id])).get(known.id) if known else None
    if existing:
        return existing, False
    cart.check_out(utc_now())
    items = as_order_items(items_of(cart.document), "quoteItemPrice")
    quote = await make_quote(uow, new_quote({**_from_cart(cart), "quoteItem": items}, uow))
    cart.quoted(quote.reference)
    return quote, True


async def _price(uow: UnitOfWork, document: ShoppingCartDocument) -> None:
    complete_items(document)
    offerings = [item.product_offering for item in items_of(document)]
    price_cart(document, await offers_of(uow.connection, offerings))


def _from_cart(cart: ShoppingCart) -> dict[str, Any]:
    body = cart.document.to_dict()
    reference = {"id": cart.id, "href": body["href"], "@referredType": "ShoppingCart"}
    return {"relatedParty": body.get("relatedParty", []), "shoppingCart": reference}
