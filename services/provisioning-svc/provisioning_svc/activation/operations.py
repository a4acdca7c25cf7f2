"""A service order in the network element's words. No IO."""

from collections.abc import Iterable, Mapping
from typing import Any

from dualbus_events.contract.provisioning import Service as ServiceDocument
from dualbus_events.contract.provisioning import ServiceRefOrValue

from provisioning_svc.catalogue.realizable_services import RealizableService


def activate_operations(
    services: Iterable[ServiceRefOrValue | ServiceDocument],
    *,
    customer_id: str | None,
    catalogue: Mapping[str, RealizableService],
) -> list[dict[str, Any]]:
    """One operation for each service that is on the network."""
    return [
        _activate(service, customer_id, catalogue)
        for service in services
        if service.service_specification is not None
    ]


def deactivate_operations(
    services: Iterable[ServiceRefOrValue | ServiceDocument],
) -> list[dict[str, Any]]:
    """The element takes a deactivation of what is not active for done."""
    return [
        {"op": "deactivate", "activationId": service.id}
        for service in services
        if service.service_specification is not None
    ]


def _activate(
    service: ServiceRefOrValue | ServiceDocument,
    customer_id: str | None,
    catalogue: Mapping[str, RealizableService],
) -> dict[str, Any]:
    # A retry of a product finds its service here again: the id of the activation is that of the
    # service, so the element sees one activation however often it is asked.
    known = (
        catalogue.get(service.service_specification.id) if service.service_specification else None
    )
    return {
        "op": "activate",
        "activationId": service.id,
        "serviceId": service.id,
        "serviceType": known.element_service_type if known else service.name,
        "customerId": customer_id,
        "resources": [
            {"type": one.category, "value": one.value} for one in service.supporting_resource or []
        ],
        "characteristics": {one.name: one.value for one in service.service_characteristic or []},
    }
