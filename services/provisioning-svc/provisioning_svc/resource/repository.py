"""Where resources are stored, and how they appear over HTTP (TMF639)."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from dualbus_events.contract.provisioning import RESOURCE
from dualbus_events.contract.provisioning import Resource as ResourceDocument
from dualbus_events.document import party_in_role
from dualbus_events.repository import Repository
from dualbus_kit.errors import NotFound
from dualbus_tmf.defined_resource import declare_defined

from provisioning_svc import tables
from provisioning_svc.resource.aggregate import Resource

PATH = "/tmf-api/resourceInventoryManagement/v4/resource"


class ResourceNotFound(NotFound):
    code = "resourceNotFound"
    reason = "There is no such resource"


def _service_id(document: ResourceDocument) -> str | None:
    service = party_in_role(document.related_entity, "service")
    return service.id if service else None


def _specification_id(document: ResourceDocument) -> str | None:
    return document.resource_specification.id if document.resource_specification else None


_COLUMNS: Mapping[str, Callable[[Any], object]] = {
    "specification_id": _specification_id,
    "value": lambda document: document.value,
    "resource_status": lambda document: document.resource_status,
    "service_id": _service_id,
}


class Resources(Repository[Resource]):
    aggregate = Resource
    table = tables.resource
    columns: ClassVar[Mapping[str, Callable[[Any], object]]] = _COLUMNS
    not_found = ResourceNotFound


RESOURCE_INVENTORY = declare_defined(
    RESOURCE,
    table=tables.resource,
    columns=_COLUMNS,
    operations={"read", "create"},
    not_found=ResourceNotFound,
)
"""Over HTTP a resource is read, or put into the inventory: then it is assigned like the others
when it has a value, a specification and the status `available`."""
