"""Creating, configuring and ending single services; the network is asked through service orders.

A service whose specification the catalogue doesn't know is recorded as it is told.
"""

from collections.abc import Mapping
from typing import Any, Final

from dualbus_events.calls import write_calls
from dualbus_events.contract.provisioning import Service as ServiceDocument
from dualbus_events.contract.provisioning import (
    ServiceRefOrValue,
    ServiceState,
)
from dualbus_events.unit_of_work import UnitOfWork
from dualbus_kit.clock import utc_now
from dualbus_tmf.declaration import DeclaredAggregate
from dualbus_tmf.state_machines import SERVICE
from dualbus_tmf.writing import merge_patch

from provisioning_svc.activation.operations import activate_operations, deactivate_operations
from provisioning_svc.catalogue.realizable_services import RealizableService
from provisioning_svc.element.calls import deadline_without_task, element_call
from provisioning_svc.service_activation.changes_in_work import changes_in_work
from provisioning_svc.service_activation.errors import (
    ServiceActive,
    ServiceBeingConfigured,
    ServiceOfProduct,
)
from provisioning_svc.service_activation.monitor import Asked, new_monitor
from provisioning_svc.service_activation.realization import (
    assign_resources,
    give_back_resources,
    holds_resources,
    realization_of,
)
from provisioning_svc.service_inventory.aggregate import Service
from provisioning_svc.service_order.starting import Action, started_order

_OURS: Final = frozenset(
    (
        "serviceSpecification",
        "supportingResource",
        "serviceOrderItem",
        "relatedEntity",
        "serviceDate",
        "startDate",
        "endDate",
    )
)
_ACTIONS: Final[Mapping[str, Action]] = {
    "POST": "add",
    "PATCH": "modify",
    "DELETE": "delete",
}
PURPOSES: Final[Mapping[ServiceState, str]] = {
    "active": "activateService",
    "inactive": "deactivateService",
    "terminated": "terminateService",
}


async def create_service(
    document: ServiceDocument, asked: Asked, uow: UnitOfWork
) -> tuple[Service, DeclaredAggregate | None]:
    """The service, and the monitor where the network has to activate it: until then `reserved`.

    Raises IllegalStateMove, ServiceOfProduct and ServiceNotRealizable.
    """
    target, draft = document.state, Service(document)
    SERVICE.check_initial(target)
    specification = await realization_of(draft, uow)
    if specification is not None:
        _check_no_product(draft)
        if holds_resources(target):
            await assign_resources(draft, specification, uow)
        if target == "active":
            document.state = "reserved"
    service = Service.entered(document)
    uow.add(service)
    if specification is None or target != "active":
        return service, None
    return service, await _ask_network(service, target, specification, asked, uow)


async def configure_service(
    service: Service, patch: Mapping[str, Any], asked: Asked, uow: UnitOfWork
) -> DeclaredAggregate | None:
    """Apply a merge patch; the monitor, where the network has to follow a move of the state.

    Raises NotPatchable, IllegalStateMove, ServiceOfProduct, ServiceBeingConfigured, ServiceActive
    and ServiceNotRealizable.
    """
    document = merge_patch(service.document, patch, unpatchable=_OURS)
    before, target = service.document.state, document.state
    reshaped = document.service_characteristic != service.document.service_characteristic
    if target != before or reshaped:
        await _check_free(service, uow)
    if target == before:
        specification = await realization_of(service, uow) if reshaped else None
        if specification is not None and before == "active":
            raise ServiceActive(f"Service {service.id} is active")
        service.change(document)
        return None
    SERVICE.check(before, target, resource_id=service.id)
    specification = await realization_of(service, uow)
    document.state = before
    if specification and holds_resources(target) and not document.supporting_resource:
        await assign_resources(Service(document), specification, uow)
    service.change(document)
    return await _move(service, target, specification, asked, uow)


async def end_service(service: Service, asked: Asked, uow: UnitOfWork) -> DeclaredAggregate | None:
    """Have the network end it, which the monitor tells; None: it was not there, and is deleted.

    Raises ServiceOfProduct and ServiceBeingConfigured.
    """
    state = service.document.state
    if state != "terminated":
        await _check_free(service, uow)
    specification = await realization_of(service, uow)
    if specification is not None and holds_resources(state):
        return await _ask_network(service, "terminated", specification, asked, uow)
    await give_back_resources(service, uow)
    service.delete()
    return None


async def _check_free(service: Service, uow: UnitOfWork) -> None:
    """Neither a product nor another request has the service; its row is locked by this one."""
    _check_no_product(service)
    busy = await changes_in_work([service], uow)
    if busy:
        raise ServiceBeingConfigured(f"Service {service.id}: {busy[service.id]}")


def _check_no_product(service: Service) -> None:
    if service.product_id is not None:
        raise ServiceOfProduct(f"Service {service.id} realizes product {service.product_id}")


async def _move(
    service: Service,
    target: ServiceState,
    specification: RealizableService | None,
    asked: Asked,
    uow: UnitOfWork,
) -> DeclaredAggregate | None:
    """Through the network where it has the service or is to have it; at once where not."""
    was_there = holds_resources(service.document.state)
    if specification and (target == "active" or (was_there and target in PURPOSES)):
        return await _ask_network(service, target, specification, asked, uow)
    service.follow(target, utc_now())
    if target == "terminated":
        await give_back_resources(service, uow)
    return None


async def _ask_network(
    service: Service,
    target: ServiceState,
    specification: RealizableService,
    asked: Asked,
    uow: UnitOfWork,
) -> DeclaredAggregate:
    """A service order and its call; the answer moves the service, the order and the monitor."""
    document = service.document
    operations = deactivate_operations([document])
    if target == "active":
        operations = activate_operations(
            [document],
            customer_id=service.customer_id,
            catalogue={specification.id: specification},
        )
    order = started_order(
        [_as_ordered(document)],
        action=_ACTIONS[asked.method],
        parties=document.related_party,
        addressed=uow,
        now=utc_now(),
    )
    reference = {"id": order.id, "href": order.document.href, "@referredType": "ServiceOrder"}
    monitor = new_monitor(asked, service, reference, uow)
    uow.add(order, monitor)
    call = element_call(
        purpose=PURPOSES[target],
        key=service.id,
        call_id=monitor.id,
        service_order_id=order.id,
        deadline=deadline_without_task(),
        operations=operations,
    )
    await write_calls(uow, [call])
    return monitor


def _as_ordered(document: ServiceDocument) -> ServiceRefOrValue:
    return ServiceRefOrValue(
        id=document.id,
        href=document.href,
        name=document.name,
        service_specification=document.service_specification,
        service_characteristic=document.service_characteristic,
        supporting_resource=document.supporting_resource,
    )
