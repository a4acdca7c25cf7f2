"""Where orders for resources are stored, and how they are read over HTTP (TMF652)."""

from dualbus_events.contract.resource_order import RESOURCE_ORDER
from dualbus_events.contract.resource_order import ResourceOrder as ResourceOrderDocument
from dualbus_events.repository import Repository
from dualbus_kit.errors import Invalid, NotFound
from dualbus_tmf import state_machines
from dualbus_tmf.defined_resource import declare_defined

from provisioning_svc import tables
from provisioning_svc.resource_order.aggregate import ResourceOrder

MOST_RESOURCES = 1000
"""How many resources one order may ask for: they are drawn in one transaction."""


class ResourceOrderNotFound(NotFound):
    code = "resourceOrderNotFound"
    reason = "There is no such resource order"


class InvalidQuantity(Invalid):
    code = "invalidQuantity"
    reason = "The quantity of a resource order is not valid"


class ResourceOrders(Repository[ResourceOrder]):
    aggregate = ResourceOrder
    table = tables.resource_order
    not_found = ResourceOrderNotFound


def _check_quantities(document: ResourceOrderDocument) -> None:
    quantities = [1 if one.quantity is None else one.quantity for one in document.order_item]
    if min(quantities) < 1 or sum(quantities) > MOST_RESOURCES:
        raise InvalidQuantity(f"orderItem.quantity: 1 or more, and {MOST_RESOURCES} in all items")


RESOURCE_ORDERING = declare_defined(
    RESOURCE_ORDER,
    table=tables.resource_order,
    machine=state_machines.RESOURCE_ORDER,
    defaults={"state": "acknowledged"},
    operations={"read"},
    check=_check_quantities,
    not_found=ResourceOrderNotFound,
)
