"""Facts of the network's catalogue (TMF633, TMF634), owned by provisioning-svc."""

from dualbus_events.document import Document, Moment, Reference
from dualbus_events.tmforum.documents import defined, defined_topic


class CatalogueEntity(Document):
    """What every entity of both catalogues has."""

    name: str
    description: str | None = None
    lifecycle_status: str | None = None
    version: str | None = None
    last_update: Moment | None = None


@defined("TMF633")
class ServiceCatalog(CatalogueEntity):
    """TMF633 ServiceCatalog."""


@defined("TMF633")
class ServiceCategory(CatalogueEntity):
    """TMF633 ServiceCategory."""


@defined("TMF633")
class ServiceCandidate(CatalogueEntity):
    """TMF633 ServiceCandidate: a specification as it is shown in categories."""

    service_specification: Reference


@defined("TMF633")
class ServiceSpecification(CatalogueEntity):
    """TMF633 ServiceSpecification; `resource_specification` is what its design assigns."""

    is_bundle: bool | None = None
    resource_specification: list[Reference] | None = None


@defined("TMF634")
class ResourceCatalog(CatalogueEntity):
    """TMF634 ResourceCatalog."""


@defined("TMF634")
class ResourceCategory(CatalogueEntity):
    """TMF634 ResourceCategory."""


@defined("TMF634")
class ResourceCandidate(CatalogueEntity):
    """TMF634 ResourceCandidate: a specification as it is shown in categories."""


@defined("TMF634")
class ResourceSpecification(CatalogueEntity):
    """TMF634 ResourceSpecification; one with a pool is assigned from it (number, SIM, port …)."""

    is_bundle: bool | None = None
    category: str | None = None


SERVICE_CATALOG = defined_topic("provisioning", ServiceCatalog)
SERVICE_CATEGORY = defined_topic("provisioning", ServiceCategory)
SERVICE_CANDIDATE = defined_topic("provisioning", ServiceCandidate)
SERVICE_SPECIFICATION = defined_topic("provisioning", ServiceSpecification)
RESOURCE_CATALOG = defined_topic("provisioning", ResourceCatalog)
RESOURCE_CATEGORY = defined_topic("provisioning", ResourceCategory)
RESOURCE_CANDIDATE = defined_topic("provisioning", ResourceCandidate)
RESOURCE_SPECIFICATION = defined_topic("provisioning", ResourceSpecification)

# What a change was called before TM Forum's own name for it: it may still be read in the topics.
SERVICE_SPECIFICATION.event("ServiceSpecificationAttributeValueChangeEvent")
RESOURCE_SPECIFICATION.event("ResourceSpecificationAttributeValueChangeEvent")
