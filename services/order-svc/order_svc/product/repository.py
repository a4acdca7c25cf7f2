"""Where products are stored."""

from typing import ClassVar

from dualbus_events.aggregate import Aggregate
from dualbus_events.contract.order import Product as ProductDocument
from dualbus_events.repository import Repository

from order_svc.product.aggregate import Product
from order_svc.product.errors import ProductNotFound
from order_svc.product_order.repository import party_ids
from order_svc.tables import product


class Products(Repository[Product]):
    aggregate: ClassVar[type[Aggregate[ProductDocument]]] = Product
    table = product
    columns: ClassVar = {"status": lambda one: one.status, "party_ids": party_ids}
    not_found = ProductNotFound
