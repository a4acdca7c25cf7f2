"""Where shopping carts are stored."""

from typing import ClassVar

from dualbus_events.aggregate import Aggregate
from dualbus_events.contract.preorder import ShoppingCart as ShoppingCartDocument
from dualbus_events.repository import Repository

from order_svc.shopping_cart.aggregate import ShoppingCart
from order_svc.shopping_cart.errors import ShoppingCartNotFound
from order_svc.tables import shopping_cart


class ShoppingCarts(Repository[ShoppingCart]):
    aggregate: ClassVar[type[Aggregate[ShoppingCartDocument]]] = ShoppingCart
    table = shopping_cart
    not_found = ShoppingCartNotFound
