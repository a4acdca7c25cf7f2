"""Design: which services and resources realize a product. No IO."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from dualbus_events.contract.provisioning import ServiceRefOrValue
from dualbus_events.document import Reference
from dualbus_kit.errors import DomainError
from dualbus_kit.ids import new_id
from dualbus_tmf.hrefs import Addressed, href_of

from provisioning_svc.activation.requests import ProductRequest
from provisioning_svc.catalogue.realizable_services import RealizableService
from provisioning_svc.resource.aggregate import Resource
from provisioning_svc.resource.allocation import Stock
from provisioning_svc.resource.assigning import assign_to_service, short_of
from provisioning_svc.service_inventory.repository import PATH as SERVICE_PATH


class SpecificationUnknown(DomainError):
    code = "specificationUnknown"
    reason = "The catalogue of provisioning lacks a specification"


class NoResourceAvailable(DomainError):
    code = "noResourceAvailable"
    reason = "A pool of resources is used up"


def specifications_of(
    request: ProductRequest, catalogue: Mapping[str, RealizableService]
) -> list[RealizableService]:
    """What realizes the product. Raises SpecificationUnknown."""
    unknown = [id_ for id_ in request.specification_ids if id_ not in catalogue]
    found = [catalogue[id_] for id_ in request.specification_ids if id_ in catalogue]
    unknown += [id_ for one in found for id_ in one.unknown_resources]
    if unknown:
        raise SpecificationUnknown(f"{', '.join(unknown)}: not in the catalogue")
    return found


def resources_needed(specifications: Iterable[RealizableService]) -> Counter[str]:
    """How many resources of each specification."""
    return Counter(resource.id for one in specifications for resource in one.resources)


def new_services(
    request: ProductRequest,
    specifications: Sequence[RealizableService],
    stocks: Mapping[str, Stock],
    addressed: Addressed,
) -> tuple[list[ServiceRefOrValue], list[Resource]]:
    """The services of a product with what is assigned to them, and the resources taken.

    A product that no service specification realizes gets one service that is not on the network.
    Raises NoResourceAvailable, and then has taken nothing.
    """
    lacking = short_of(stocks, resources_needed(specifications))
    if lacking is not None:
        raise NoResourceAvailable(f"No {lacking} is left")
    taken: list[Resource] = []
    services = []
    for specification in specifications or (None,):
        service = _service(request, specification, addressed)
        taken += assign_to_service(
            service,
            specification.resources if specification else (),
            stocks,
            customer=request.customer,
            addressed=addressed,
        )
        services.append(service)
    return services, taken


def _service(
    request: ProductRequest, specification: RealizableService | None, addressed: Addressed
) -> ServiceRefOrValue:
    service_id = new_id()
    reference = None
    if specification is not None:
        reference = Reference(id=specification.id, href=specification.href, name=specification.name)
    return ServiceRefOrValue(
        id=service_id,
        href=href_of(addressed, SERVICE_PATH, service_id),
        name=specification.name if specification else request.name,
        service_specification=reference,
        service_characteristic=request.characteristics or None,
        related_entity=[request.product_reference],
    )
