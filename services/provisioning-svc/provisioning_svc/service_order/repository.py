"""Where service orders are stored, and how they appear over HTTP (TMF641)."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from dualbus_events.contract.provisioning import (
    SERVICE_ORDER,
    ServiceOrderAttributeValueChangeEvent,
    ServiceOrderCreateEvent,
    ServiceOrderStateChangeEvent,
)
from dualbus_events.document import customer_of
from dualbus_events.repository import Repository
from dualbus_kit.clock import timestamp_now
from dualbus_kit.errors import NotFound
from dualbus_tmf import state_machines
from dualbus_tmf.resource import StateRule, declare

from provisioning_svc import tables
from provisioning_svc.service_order.aggregate import ServiceOrder, held_product_of

PATH = "/tmf-api/serviceOrdering/v4/serviceOrder"


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


SERVICE_ORDERING = declare(
    SERVICE_ORDER,
    path=PATH,
    table=tables.service_order,
    columns=_COLUMNS,
    create=ServiceOrderCreateEvent,
    change=ServiceOrderAttributeValueChangeEvent,
    state=StateRule("state", state_machines.SERVICE_ORDER, ServiceOrderStateChangeEvent),
    required=("serviceOrderItem",),
    defaults={"state": "acknowledged", "orderDate": timestamp_now},
    operations={"read", "create"},
    customer_of=lambda document: customer_of(document.related_party),
    not_found=ServiceOrderNotFound,
)
"""An order posted by a channel is acknowledged and waits for a person; those of tasks are worked
on at once."""
