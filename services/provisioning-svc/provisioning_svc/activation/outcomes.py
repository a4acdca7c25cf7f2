"""Results of tasks, from service orders that were carried out. No IO."""

from typing import Any

from dualbus_events.contract.provisioning import Service as ServiceDocument
from dualbus_events.contract.provisioning import ServiceRefOrValue

from provisioning_svc.service_order.aggregate import ServiceOrder


def activation_result(order: ServiceOrder, activated_at: str) -> dict[str, Any]:
    """The first service is the one that is named; all resources are listed."""
    return {
        "service": service_reference(order.services[0]),
        "resource": [
            {
                "id": one.id,
                "href": one.href,
                "name": one.name,
                "value": one.value,
                "category": one.category,
            }
            for service in order.services
            for one in service.supporting_resource or []
        ],
        "activatedAt": activated_at,
    }


def cease_result(service: ServiceRefOrValue | ServiceDocument, ceased_at: str) -> dict[str, Any]:
    return {"service": service_reference(service), "ceasedAt": ceased_at}


def service_reference(service: ServiceRefOrValue | ServiceDocument) -> dict[str, Any]:
    return {"id": service.id, "href": service.href, "name": service.name}
