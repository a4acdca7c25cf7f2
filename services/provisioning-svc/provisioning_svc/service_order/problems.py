"""What of a posted order can be carried out, and which rule an item of it breaks. No IO.

What is not for us to carry out waits for a person; what breaks a rule is rejected.
"""

from collections.abc import Mapping

from dualbus_events.contract.provisioning import Service as ServiceDocument
from dualbus_events.contract.provisioning import ServiceOrder as ServiceOrderDocument
from dualbus_events.contract.provisioning import ServiceOrderItem, ServiceRefOrValue
from dualbus_events.document import customer_of, party_in_role

from provisioning_svc.catalogue.realizable_services import RealizableService
from provisioning_svc.problem import Problem
from provisioning_svc.service_inventory.aggregate import Service


def says_what_to_do(order: ServiceOrderDocument) -> bool:
    """Whether it is complete without a person: a customer, services to add by their specification,
    services to end by their id.

    A modification is not: the network element has none. Nor is what a product order is there for.
    """
    items = order.service_order_item
    return (
        customer_of(order.related_party) is not None
        and any(item.action != "noChange" for item in items)
        and all(_says_what_to_do(item) for item in items)
    )


def can_be_realized(
    order: ServiceOrderDocument,
    catalogue: Mapping[str, RealizableService],
    inventory: Mapping[str, Service],
) -> bool:
    """Whether the catalogue and the inventory know all that the order names."""
    return all(
        _is_known(item, catalogue, inventory)
        for item in order.service_order_item
        if item.action != "noChange"
    )


def problems_of(
    order: ServiceOrderDocument, inventory: Mapping[str, Service], busy: Mapping[str, str]
) -> dict[str, Problem]:
    """Why services can't be ended by this order, by item; `busy` says what is changing some."""
    customer, found, seen = customer_of(order.related_party), {}, set[str]()
    for item in order.service_order_item:
        if item.action != "delete":
            continue
        service = inventory[str(item.service.id)]
        problem = _problem_of_end(service, customer, busy.get(service.id))
        if service.id in seen:
            problem = Problem("serviceNamedTwice", f"Another item ends service {service.id}")
        seen.add(service.id)
        if problem is not None:
            found[item.id] = problem
    return found


def specification_id_of(service: ServiceRefOrValue | ServiceDocument) -> str | None:
    return service.service_specification.id if service.service_specification else None


def _says_what_to_do(item: ServiceOrderItem) -> bool:
    service = item.service
    if item.action == "noChange":
        return True
    if item.service_order_item or item.quantity not in (None, 1) or _of_product(service):
        return False
    if item.action == "add":
        chosen = service.id or service.supporting_resource
        return bool(service.service_specification and not chosen) and service.state in _ACTIVE
    return item.action == "delete" and service.id is not None and service.state in _ENDED


_ACTIVE = (None, "active")
_ENDED = (None, "terminated")


def _of_product(service: ServiceRefOrValue) -> bool:
    return party_in_role(service.related_entity, "product") is not None


def _is_known(
    item: ServiceOrderItem,
    catalogue: Mapping[str, RealizableService],
    inventory: Mapping[str, Service],
) -> bool:
    named = specification_id_of(item.service)
    if item.action == "delete":
        service = inventory.get(str(item.service.id))
        named = specification_id_of(service.document) if service else None
    known = catalogue.get(str(named))
    return known is not None and not known.unknown_resources


def _problem_of_end(service: Service, customer: str | None, busy: str | None) -> Problem | None:
    if service.terminated:
        return Problem("serviceTerminated", f"Service {service.id} has ended")
    if service.product_id is not None:
        message = f"Service {service.id} realizes product {service.product_id}, whose orders end it"
        return Problem("serviceOfProduct", message)
    if service.customer_id != customer:
        return Problem("serviceOfAnotherCustomer", f"Service {service.id} is not {customer}'s")
    if busy is not None:
        return Problem("serviceBeingConfigured", f"Service {service.id}: {busy}")
    return None
