"""Results of tasks, from service orders that were carried out. No IO."""

from collections.abc import Iterable, Sequence
from typing import Any

from dualbus_events.contract.provisioning import Service as ServiceDocument
from dualbus_events.contract.provisioning import ServiceRefOrValue

from provisioning_svc.service_order.aggregate import ServiceOrder


def activation_result(order: ServiceOrder, activated_at: str) -> dict[str, Any]:
    """The first service is the one that is named; all resources are listed."""
    return {
        "service": service_reference(order.services[0]),
        "resource": _resources(order.services),
        "activatedAt": activated_at,
    }


def cease_result(
    services: Sequence[ServiceRefOrValue | ServiceDocument], ceased_at: str
) -> dict[str, Any]:
    """What the services held goes along: other systems know them by their number."""
    return {
        "service": service_reference(services[0]),
        "resource": _resources(services),
        "ceasedAt": ceased_at,
    }


def _resources(services: Iterable[ServiceRefOrValue | ServiceDocument]) -> list[dict[str, Any]]:
    return [
        {
            "id": one.id,
            "href": one.href,
            "name": one.name,
            "value": one.value,
            "category": one.category,
        }
        for service in services
        for one in service.supporting_resource or []
    ]


def service_reference(service: ServiceRefOrValue | ServiceDocument) -> dict[str, Any]:
    return {"id": service.id, "href": service.href, "name": service.name}
