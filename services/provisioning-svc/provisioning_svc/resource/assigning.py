"""Giving a resource that was drawn to whoever holds it from now on. No IO."""

from collections.abc import Mapping, Sequence

from dualbus_events.contract.provisioning import AssignedResource, ServiceRefOrValue
from dualbus_events.contract.provisioning import Resource as ResourceDocument
from dualbus_events.contract.provisioning import Service as ServiceDocument
from dualbus_events.document import Reference, RelatedParty
from dualbus_kit.ids import new_id
from dualbus_tmf.hrefs import Addressed, href_of

from provisioning_svc.catalogue.realizable_services import AssignableResource
from provisioning_svc.resource.aggregate import Resource
from provisioning_svc.resource.allocation import Stock
from provisioning_svc.resource.repository import PATH


def assign_from(
    stock: Stock,
    wanted: AssignableResource,
    *,
    holder: RelatedParty,
    customer: list[RelatedParty] | None,
    addressed: Addressed,
) -> Resource:
    """One of the stock, which must hold one; of a value never used, the inventory's new entry."""
    taken = stock.take()
    if isinstance(taken, Resource):
        taken.assign(holder=holder, customer=customer, category=wanted.category)
        return taken
    resource_id = new_id()
    return Resource.first_assigned(
        ResourceDocument(
            id=resource_id,
            href=href_of(addressed, PATH, resource_id),
            type_="Resource",
            name=f"{wanted.name} {taken}",
            value=taken,
            category=wanted.category,
            resource_status="reserved",
            resource_specification=Reference(id=wanted.id, name=wanted.name),
            related_entity=[holder],
            related_party=customer,
        )
    )


def short_of(stocks: Mapping[str, Stock], wanted: Mapping[str, int]) -> str | None:
    """A specification of which the stocks have less than is wanted; None when all is there."""
    lacking = (id_ for id_, count in wanted.items() if stocks[id_].left < count)
    return next(lacking, None)


def assign_to_service(
    service: ServiceRefOrValue | ServiceDocument,
    wanted: Sequence[AssignableResource],
    stocks: Mapping[str, Stock],
    *,
    customer: list[RelatedParty] | None,
    addressed: Addressed,
) -> list[Resource]:
    """Give a service one of each, and name them in it; the stocks must not be short of any."""
    holder = RelatedParty(
        id=str(service.id), href=service.href, role="service", referred_type="Service"
    )
    held = [
        assign_from(stocks[one.id], one, holder=holder, customer=customer, addressed=addressed)
        for one in wanted
    ]
    service.supporting_resource = [reference_to(one) for one in held]
    return held


def reference_to(resource: Resource) -> AssignedResource:
    """As its holder names it."""
    document = resource.document
    return AssignedResource(
        id=document.id,
        href=document.href,
        name=document.name,
        value=document.value,
        category=document.category,
        referred_type="Resource",
    )
