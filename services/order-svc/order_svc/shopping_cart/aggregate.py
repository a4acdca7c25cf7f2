"""A shopping cart: changed at will until it is ordered."""

from datetime import datetime

from dualbus_events.aggregate import Aggregate
from dualbus_events.contract.preorder import SHOPPING_CART
from dualbus_events.contract.preorder import ShoppingCart as ShoppingCartDocument
from dualbus_events.document import Reference, customer_of

from order_svc.shopping_cart.errors import (
    ShoppingCartEmpty,
    ShoppingCartExpired,
    ShoppingCartOrdered,
)
from order_svc.shopping_cart.items import is_chosen, items_of

_CREATED = SHOPPING_CART.event("ShoppingCartCreateEvent")
_CHANGED = SHOPPING_CART.event("ShoppingCartAttributeValueChangeEvent")
_DELETED = SHOPPING_CART.event("ShoppingCartDeleteEvent")


class ShoppingCart(Aggregate[ShoppingCartDocument]):
    """TMF663 ShoppingCart."""

    document_type = ShoppingCartDocument

    @property
    def customer_id(self) -> str | None:
        return customer_of(self.document.related_party)

    def create(self) -> None:
        self.record(_CREATED)

    def replace(self, document: ShoppingCartDocument) -> None:
        """Take a changed document. Raises ShoppingCartOrdered; a quote of it holds no longer."""
        if self.document.product_order is not None:
            raise ShoppingCartOrdered(
                f"Shopping cart {self.id} became product order {self.document.product_order.id}"
            )
        document.quote = None
        self.document = document
        self.record(_CHANGED)

    def check_out(self, now: datetime) -> None:
        """Look whether it can become something. Raises ShoppingCartEmpty, ShoppingCartExpired."""
        if not any(is_chosen(item) for item in items_of(self.document)):
            raise ShoppingCartEmpty(f"Shopping cart {self.id} has no active item")
        period = self.document.valid_for
        if period and period.end_date_time and now >= period.end_date_time:
            raise ShoppingCartExpired(
                f"Shopping cart {self.id} was valid until {period.end_date_time.isoformat()}"
            )

    def quoted(self, quote: Reference) -> None:
        self.document.quote = quote
        self.record(_CHANGED)

    def ordered(self, product_order: Reference) -> None:
        self.document.product_order = product_order
        self.record(_CHANGED)

    def delete(self) -> None:
        self.record(_DELETED)
