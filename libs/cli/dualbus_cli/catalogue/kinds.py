"""The kinds of resources a catalogue is made of: who owns them, where, and what they refer to."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from dualbus_events.contract.assurance import ServiceLevelObjective, ServiceLevelSpecification
from dualbus_events.contract.catalog import (
    Category,
    FulfilmentPlan,
    ProductOffering,
    ProductOfferingPrice,
    ProductSpecification,
)
from dualbus_events.contract.network_catalog import ResourceSpecification, ServiceSpecification
from dualbus_events.document import Document, WireModel
from pydantic import StrictInt


class PoolSource(WireModel):
    """The values of a resource specification, by number, from `first` to `last`."""

    prefix: str = ""
    width: int = 0
    first: StrictInt
    last: StrictInt
    luhn: bool = False


class PooledResourceSpecification(ResourceSpecification):
    """With provisioning-svc's extension."""

    pool: PoolSource | None = None


class ElementServiceSpecification(ServiceSpecification):
    """With provisioning-svc's extension."""

    element_service_type: str | None = None


@dataclass(frozen=True)
class Kind:
    """A kind of resource. `references` are from a dotted path of it to the kind found there."""

    name: str
    service: str
    path: str
    model: type[Document]
    references: Mapping[str, str] = field(default_factory=dict)


_TMF620: Final = "/tmf-api/productCatalogManagement/v4"
_TMF657: Final = "/tmf-api/serviceQualityManagement/v4"

KINDS: Final = {
    kind.name: kind
    for kind in (
        Kind("category", "order", f"{_TMF620}/category", Category, {"parentId": "category"}),
        Kind(
            "resourceSpecification",
            "provisioning",
            "/tmf-api/resourceCatalog/v4/resourceSpecification",
            PooledResourceSpecification,
        ),
        Kind(
            "serviceSpecification",
            "provisioning",
            "/tmf-api/serviceCatalogManagement/v4/serviceSpecification",
            ElementServiceSpecification,
            {"resourceSpecification.id": "resourceSpecification"},
        ),
        Kind(
            "serviceLevelObjective",
            "assurance",
            f"{_TMF657}/serviceLevelObjective",
            ServiceLevelObjective,
        ),
        Kind(
            "serviceLevelSpecification",
            "assurance",
            f"{_TMF657}/serviceLevelSpecification",
            ServiceLevelSpecification,
            {"relatedServiceLevelObjective.id": "serviceLevelObjective"},
        ),
        Kind(
            "fulfilmentPlan",
            "order",
            "/dualbus-api/orderFulfilment/v1/fulfilmentPlan",
            FulfilmentPlan,
        ),
        Kind(
            "productSpecification",
            "order",
            f"{_TMF620}/productSpecification",
            ProductSpecification,
            {
                "serviceSpecification.id": "serviceSpecification",
                "resourceSpecification.id": "resourceSpecification",
                "fulfilmentPlan.id": "fulfilmentPlan",
            },
        ),
        Kind(
            "productOfferingPrice",
            "order",
            f"{_TMF620}/productOfferingPrice",
            ProductOfferingPrice,
        ),
        Kind(
            "productOffering",
            "order",
            f"{_TMF620}/productOffering",
            ProductOffering,
            {
                "category.id": "category",
                "productSpecification.id": "productSpecification",
                "productOfferingPrice.id": "productOfferingPrice",
                "serviceLevelAgreement.id": "serviceLevelSpecification",
            },
        ),
    )
}
"""In the order in which they are loaded: what is referred to comes first."""
