"""What realizes a single service: its specification, and resources from the pools."""

from dualbus_events.contract.provisioning import ServiceState
from dualbus_events.document import party_in_role
from dualbus_events.unit_of_work import UnitOfWork

from provisioning_svc.activation.design import resources_needed
from provisioning_svc.catalogue.realizable_services import RealizableService, realizable_services
from provisioning_svc.resource.allocation import draw, put_back
from provisioning_svc.resource.assigning import assign_to_service, short_of
from provisioning_svc.resource.repository import Resources
from provisioning_svc.service_activation.errors import ServiceNotRealizable
from provisioning_svc.service_inventory.aggregate import Service

_HOLDING: frozenset[ServiceState] = frozenset(("reserved", "inactive", "active"))


async def realization_of(service: Service, uow: UnitOfWork) -> RealizableService | None:
    """None where the catalogue doesn't know the specification: then nothing is on the network.

    Raises ServiceNotRealizable where it names resources that the catalogue lacks.
    """
    reference = service.document.service_specification
    if reference is None:
        return None
    found = (await realizable_services(uow.connection, [reference.id])).get(reference.id)
    if found is not None and found.unknown_resources:
        unknown = ", ".join(found.unknown_resources)
        raise ServiceNotRealizable(f"{unknown}: not in the catalogue")
    return found


def holds_resources(state: ServiceState) -> bool:
    """Whether a service in this state has what it needs to be active."""
    return state in _HOLDING


async def assign_resources(
    service: Service, specification: RealizableService, uow: UnitOfWork
) -> None:
    """Give the service what its specification asks for. Record the service afterwards.

    Raises ServiceNotRealizable when a pool is used up.
    """
    document = service.document
    wanted = resources_needed([specification])
    stocks = await draw(uow, {one.id: one.pool for one in specification.resources}, wanted)
    lacking = short_of(stocks, wanted)
    if lacking is not None:
        raise ServiceNotRealizable(f"No {lacking} is left")
    customer = party_in_role(document.related_party, "customer")
    held = assign_to_service(
        document,
        specification.resources,
        stocks,
        customer=[customer] if customer else None,
        addressed=uow,
    )
    uow.add(*held)
    await put_back(uow, stocks)


async def give_back_resources(service: Service, uow: UnitOfWork) -> None:
    """All that the service holds goes back to the pools."""
    for resource in await uow.find_by(Resources, "service_id", [service.id]):
        resource.give_back()
