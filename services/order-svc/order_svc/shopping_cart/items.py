"""A cart's items: completed, priced, and as the items of a quote or an order. No IO."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from dualbus_events.contract.preorder import CartItem, ShoppingCart
from dualbus_tmf.bodies import InvalidBody

from order_svc.catalogue.offers import Offer
from order_svc.pricing.offered import offered_prices
from order_svc.pricing.totals import total_prices

_MAX_ITEMS = 1000
# What a cart's item says of itself alone.
_OF_CARTS = ("status", "itemPrice", "ItemTotalPrice", "cartItem", "cartItemRelationship")


def items_of(cart: ShoppingCart) -> Iterator[CartItem]:
    """All items, those inside others too, each before what is inside it."""
    waiting = list(reversed(cart.cart_item or []))
    while waiting:
        item = waiting.pop()
        yield item
        waiting += reversed(item.cart_item or [])


def is_chosen(item: CartItem) -> bool:
    """Whether it is to be ordered; what is saved for later stays in the cart."""
    return item.status != "saveForLater"


def complete_items(cart: ShoppingCart) -> None:
    """Give what was left out: an id (the lowest free number), one piece, to be added.

    Raises InvalidBody for an id that is used twice.
    """
    items = list(items_of(cart))
    if len(items) > _MAX_ITEMS:
        raise InvalidBody(f"cartItem: at most {_MAX_ITEMS} items are taken")
    taken: set[str] = set()
    for item in items:
        if item.id is not None and item.id in taken:
            raise InvalidBody(f"cartItem: the id {item.id!r} is used twice")
        taken |= {item.id} if item.id is not None else set()
    free = (str(number) for number in range(1, 2 * len(items) + 1) if str(number) not in taken)
    for item in items:
        item.id = item.id if item.id is not None else next(free)
        item.quantity = item.quantity or 1
        item.action = item.action or "add"


def price_cart(cart: ShoppingCart, offers: Mapping[str, Offer]) -> None:
    """Give every item the catalogue's prices and its total, and the cart the total of the chosen.

    An item whose offering the catalogue does not have keeps what was sent, and is not counted.
    """
    counted = []
    for item in items_of(cart):
        prices = offered_prices(item.product_offering, item.action, item.item_price, offers)
        if prices is None:
            continue
        item.item_price = prices or None
        item.item_total_price = total_prices([(prices, item.quantity or 1)]) or None
        if is_chosen(item):
            counted.append((prices, item.quantity or 1))
    cart.cart_total_price = total_prices(counted) or None


def as_order_items(items: Iterable[CartItem], price_attribute: str) -> list[dict[str, Any]]:
    """The chosen items one beside the other; their prices, with alterations, as that attribute."""
    ordered = []
    for item in items:
        if not is_chosen(item):
            continue
        body = item.to_dict()
        kept = {name: value for name, value in body.items() if name not in _OF_CARTS}
        if "itemPrice" in body:
            kept[price_attribute] = body["itemPrice"]
        ordered.append(kept)
    return ordered
