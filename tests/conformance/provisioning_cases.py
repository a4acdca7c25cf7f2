"""provisioning-svc's resources."""

from typing import Final

from tests.conformance.case import Case

_ORDERED = {
    "patch": "an order is moved by its task",
    "delete": "what was ordered stays on record",
}
_HELD = {
    "patch": "service orders move what is in the inventory",
    "delete": "what was once in use stays on record",
}

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
        {"serviceOrderItem": [{"id": "1", "action": "add", "service": {}}]},
        lacks=_ORDERED,
    ),
    Case(
        "TMF638",
        "Service",
        {"state": "active", "serviceSpecification": {"id": "1212"}},
        # A moment here, where the definition would take any text.
        fixed=frozenset(("serviceDate",)),
        lacks=_HELD,
    ),
    Case("TMF639", "Resource", {"name": "+9955 0000001"}, lacks=_HELD),
]
