"""Where service orders are stored, and how they appear over HTTP (TMF641)."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from dualbus_events.contract.provisioning import SERVICE_ORDER
from dualbus_events.repository import Repository
from dualbus_kit.database import Connection
from dualbus_kit.errors import NotFound
from dualbus_tmf import state_machines
from dualbus_tmf.defined_resource import declare_defined

from provisioning_svc import tables
from provisioning_svc.service_order.aggregate import ServiceOrder, held_product_of

PATH = "/tmf-api/serviceOrdering/v4/serviceOrder"


_IN_WORK = """
SELECT id FROM service_order
WHERE id = ANY($1) AND state IN ('inProgress', 'assessingCancellation', 'pendingCancellation')
"""


class ServiceOrderNotFound(NotFound):
    code = "serviceOrderNotFound"
    reason = "There is no such service order"


_COLUMNS: Mapping[str, Callable[[Any], object]] = {
    "state": lambda document: document.state,
    "external_id": lambda document: document.external_id,
    "holds_product_id": held_product_of,
}


class ServiceOrders(Repository[ServiceOrder]):
    aggregate = ServiceOrder
    table = tables.service_order
    columns: ClassVar[Mapping[str, Callable[[Any], object]]] = _COLUMNS
    not_found = ServiceOrderNotFound


SERVICE_ORDERING = declare_defined(
    SERVICE_ORDER,
    table=tables.service_order,
    machine=state_machines.SERVICE_ORDER,
    columns=_COLUMNS,
    operations={"read"},
    not_found=ServiceOrderNotFound,
)


async def orders_in_work(connection: Connection, order_ids: Sequence[str]) -> set[str]:
    """Those of the orders that the network may still be asked for, without locking them."""
    rows = await connection.fetch(_IN_WORK, list(order_ids))
    return {row["id"] for row in rows}
