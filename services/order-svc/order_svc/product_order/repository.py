"""Where product orders are stored."""

from typing import Any, ClassVar

import orjson
from dualbus_events.aggregate import Aggregate
from dualbus_events.contract.order import ProductOrder as ProductOrderDocument
from dualbus_events.repository import Repository

from order_svc.product_order.aggregate import ProductOrder
from order_svc.product_order.errors import ProductOrderNotFound
from order_svc.tables import product_order


def party_ids(document: Any) -> bytes:
    """The ids of all related parties as a JSON array, for filters by `relatedParty.id`."""
    return orjson.dumps([party.id for party in document.related_party or []])


class ProductOrders(Repository[ProductOrder]):
    aggregate: ClassVar[type[Aggregate[ProductOrderDocument]]] = ProductOrder
    table = product_order
    columns: ClassVar = {
        "state": lambda order: order.state,
        "order_date": lambda order: order.order_date,
        "external_id": lambda order: order.external_id,
        "party_ids": party_ids,
    }
    not_found = ProductOrderNotFound
