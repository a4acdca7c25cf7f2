"""Where services are stored, and how they appear over HTTP (TMF638)."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from dualbus_events.contract.provisioning import SERVICE
from dualbus_events.contract.provisioning import Service as ServiceDocument
from dualbus_events.document import party_in_role
from dualbus_events.repository import Repository
from dualbus_kit.clock import timestamp_now
from dualbus_kit.errors import NotFound
from dualbus_tmf import state_machines
from dualbus_tmf.defined_resource import declare_defined

from provisioning_svc import tables
from provisioning_svc.service_inventory.aggregate import Service

PATH = "/tmf-api/serviceInventory/v4/service"


class ServiceNotFound(NotFound):
    code = "serviceNotFound"
    reason = "There is no such service"


def _product_id(document: ServiceDocument) -> str | None:
    product = party_in_role(document.related_entity, "product")
    return product.id if product else None


_COLUMNS: Mapping[str, Callable[[Any], object]] = {
    "state": lambda document: document.state,
    "product_id": _product_id,
}


class Services(Repository[Service]):
    aggregate = Service
    table = tables.service
    columns: ClassVar[Mapping[str, Callable[[Any], object]]] = _COLUMNS
    not_found = ServiceNotFound


SERVICE_INVENTORY = declare_defined(
    SERVICE,
    table=tables.service,
    machine=state_machines.SERVICE,
    columns=_COLUMNS,
    defaults={"serviceDate": timestamp_now},
    operations={"read", "create"},
    not_found=ServiceNotFound,
)
"""Over HTTP a service is read, or recorded as it was found on the network."""
