"""Cancelling orders for resources that wait; what they hold already goes back to its pool."""

from dualbus_events.unit_of_work import UnitOfWork
from dualbus_kit.clock import utc_now
from dualbus_tmf.declaration import DeclaredAggregate

from provisioning_svc.cancellation import tasks
from provisioning_svc.resource.repository import Resources
from provisioning_svc.resource_order.aggregate import ResourceOrder
from provisioning_svc.resource_order.repository import ResourceOrders


async def cancel_resource_order(cancellation: DeclaredAggregate, uow: UnitOfWork) -> None:
    """Assess and answer at once.

    The point of no return is a resource given back: someone else may have it by now. Raises
    ResourceOrderNotFound, and ResourceOrderNotCancellable for an order that doesn't wait.
    """
    document = cancellation.document
    [order] = await uow.load(ResourceOrders, [document.resource_order.id])
    order.check_cancellable()
    document.resource_order = document.resource_order.model_copy(
        update={"href": order.document.href, "referred_type": "ResourceOrder"}
    )
    document.related_party = order.document.related_party
    tasks.begin(cancellation)
    returned = [item.id for item in order.completed_items if item.action == "delete"]
    if returned:
        message = f"Item {returned[0]} gave its resource back already"
        tasks.deny(cancellation, code="pastPointOfNoReturn", message=message)
        return
    await _give_back(order, uow)
    order.cancel(utc_now(), reason=document.cancellation_reason)
    tasks.finish(cancellation)


async def _give_back(order: ResourceOrder, uow: UnitOfWork) -> None:
    """What the order holds, and nobody else meanwhile."""
    assigned = [one.id for item in order.completed_items for one in item.assigned_resource or []]
    for resource in (await uow.find(Resources, assigned)).values():
        if resource.holder is not None and resource.holder.id == order.id:
            resource.give_back()
