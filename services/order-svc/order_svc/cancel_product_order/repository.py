"""Where cancellations are stored."""

from typing import ClassVar

from dualbus_events.aggregate import Aggregate
from dualbus_events.repository import Repository

from order_svc.cancel_product_order.aggregate import CancelProductOrder, product_order_id
from order_svc.cancel_product_order.document import CancelProductOrder as CancelProductOrderDocument
from order_svc.cancel_product_order.errors import CancelProductOrderNotFound
from order_svc.tables import cancel_product_order


class CancelProductOrders(Repository[CancelProductOrder]):
    aggregate: ClassVar[type[Aggregate[CancelProductOrderDocument]]] = CancelProductOrder
    table = cancel_product_order
    columns: ClassVar = {"product_order_id": product_order_id}
    not_found = CancelProductOrderNotFound
