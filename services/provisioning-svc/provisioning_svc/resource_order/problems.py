"""Why an item of an order for resources can't be done. No IO."""

from collections.abc import Mapping

from dualbus_events.contract.resource_order import ResourceOrderItem

from provisioning_svc.catalogue.realizable_services import AssignableResource
from provisioning_svc.problem import Problem
from provisioning_svc.resource.aggregate import Resource


def problem_of(
    item: ResourceOrderItem,
    inventory: Mapping[str, Resource],
    catalogue: Mapping[str, AssignableResource],
) -> Problem | None:
    """None for an item that can be done, now or when its pool has resources again.

    `add` with the id of a resource reserves that one, else as many of a specification as its
    quantity says; `delete` gives one back.
    """
    if item.action == "noChange":
        return None
    if item.action == "delete":
        return _problem_of_return(item, inventory)
    if item.action != "add":
        return Problem("actionNotSupported", f"{item.action}: only add, delete and noChange are")
    if item.resource.id is not None:
        return _problem_of_reservation(item, inventory)
    wanted = specification_of(item)
    if wanted not in catalogue:
        return Problem("specificationUnknown", f"{wanted}: the catalogue has no such specification")
    return None


def specification_of(item: ResourceOrderItem) -> str | None:
    """The specification of new resources; None where the item names a resource, or nothing."""
    named = item.resource.resource_specification or item.resource_specification
    fresh = item.action == "add" and item.resource.id is None
    return named.id if named and fresh else None


def _problem_of_reservation(
    item: ResourceOrderItem, inventory: Mapping[str, Resource]
) -> Problem | None:
    resource = inventory.get(str(item.resource.id))
    if resource is None:
        return _unknown(item)
    if not resource.available:
        status = resource.document.resource_status
        return Problem("resourceNotAvailable", f"Resource {resource.id} is {status}")
    return None


def _problem_of_return(
    item: ResourceOrderItem, inventory: Mapping[str, Resource]
) -> Problem | None:
    resource = inventory.get(str(item.resource.id))
    if resource is None:
        return _unknown(item)
    holder = resource.holder
    if holder is not None and holder.role == "service":
        message = f"Resource {resource.id} is held by service {holder.id}, which has to end first"
        return Problem("resourceInUse", message)
    return None


def _unknown(item: ResourceOrderItem) -> Problem:
    return Problem("resourceUnknown", f"{item.resource.id}: the inventory has no such resource")
