"""provisioning-svc's resources."""

from typing import Final

from dualbus_tmf.state_machines import SERVICE

from tests.conformance.case import Body, Case
from tests.harness import Harness

_ORDERED = {
    "patch": "an order is carried out as it was posted; it can be cancelled",
    "delete": "what was ordered stays on record",
}
_CARRIED_OUT = {
    "patch": "an order is carried out as it was posted; what waits can be cancelled",
    "delete": "what was ordered stays on record",
}
_HELD = {
    "patch": "orders and TMF640 move what is in the inventory",
    "delete": "what was once in use stays on record",
}

_SERVICE_ORDERS = "/tmf-api/serviceOrdering/v4/serviceOrder"
_SERVICE_ORDER: Final = {"serviceOrderItem": [{"id": "1", "action": "add", "service": {}}]}


async def _a_service_order_to_cancel(service: Harness) -> Body:
    answer = await service.client.post(_SERVICE_ORDERS, json=_SERVICE_ORDER)
    return {"serviceOrder": {"id": answer.json()["id"]}}


_RESOURCE_ORDERS = "/tmf-api/resourceOrderingManagement/v4/resourceOrder"
# By its definition, a resource that an item names has both; to the profile `{}` is enough.
_RESOURCE: Final = {"id": "500", "href": "https://example.com/500"}
_LATER = "2999-01-01T00:00:00.000Z"


async def _a_resource_order_to_cancel(service: Harness) -> Body:
    item = {"id": "1", "action": "noChange", "resource": _RESOURCE}
    body = {"orderItem": [item], "requestedStartDate": _LATER}
    answer = await service.client.post(_RESOURCE_ORDERS, json=body)
    return {"resourceOrder": {"id": answer.json()["id"]}}


_ACTIVATIONS = "/tmf-api/ServiceActivationAndConfiguration/v4/service"
_SERVICE_SPECIFICATIONS = "/tmf-api/serviceCatalogManagement/v4/serviceSpecification"


async def _a_monitor(service: Harness) -> Body:
    """Of a service that only the network can activate."""
    known = await service.client.post(_SERVICE_SPECIFICATIONS, json={"name": "Voicemail"})
    specification = {"id": known.json()["id"]}
    body = {"state": "active", "serviceSpecification": specification}
    answer = await service.client.post(_ACTIVATIONS, json=body)
    assert answer.status_code == 202, answer.text
    monitor: Body = (await service.client.get(answer.headers["Location"])).json()
    return monitor


CASES: Final = [
    Case("TMF633", "ServiceCatalog", {"name": "Network services"}),
    Case("TMF633", "ServiceCategory", {"name": "Access"}),
    Case(
        "TMF633",
        "ServiceCandidate",
        {"name": "Fibre access", "serviceSpecification": {"id": "fibre"}},
    ),
    Case("TMF633", "ServiceSpecification", {"name": "Fibre access"}),
    Case("TMF634", "ResourceCatalog", {"name": "Network resources"}),
    Case("TMF634", "ResourceCategory", {"name": "Numbers"}),
    Case("TMF634", "ResourceCandidate", {"name": "Mobile number"}),
    Case("TMF634", "ResourceSpecification", {"name": "Mobile number"}),
    Case(
        "TMF641",
        "ServiceOrder",
        _SERVICE_ORDER,
        lacks=_ORDERED,
    ),
    Case(
        "TMF641",
        "CancelServiceOrder",
        prepare=_a_service_order_to_cancel,
        prepare_each=True,
        fixed=frozenset(("effectiveCancellationDate", "completionMessage", "errorMessage")),
    ),
    Case(
        "TMF652",
        "ResourceOrder",
        {"orderItem": [{"id": "1", "action": "add", "resource": _RESOURCE}]},
        also_at=["/tmf-api/resourceOrdering/v4/resourceOrder"],
        fixed=frozenset(("startDate", "completionDate")),
        lacks=_CARRIED_OUT,
    ),
    Case(
        "TMF652",
        "CancelResourceOrder",
        prepare=_a_resource_order_to_cancel,
        prepare_each=True,
        fixed=frozenset(("effectiveCancellationDate",)),
    ),
    Case(
        "TMF638",
        "Service",
        {"state": "active", "serviceSpecification": {"id": "1212"}},
        # A moment here, where the definition would take any text.
        fixed=frozenset(("serviceDate",)),
        lacks=_HELD,
    ),
    Case(
        "TMF640",
        "Service",
        {"state": "active", "serviceSpecification": {"id": "1212"}},
        machine=SERVICE,
        # Moments that the server sets where the service follows a request.
        fixed=frozenset(("serviceDate",)),
    ),
    Case("TMF640", "Monitor", seed=_a_monitor),
    Case("TMF639", "Resource", {"name": "+9955 0000001"}, lacks=_HELD),
]
