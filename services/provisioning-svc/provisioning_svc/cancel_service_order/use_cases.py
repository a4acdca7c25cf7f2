"""Cancelling service orders, while the network has not done them."""

from dualbus_events.calls import NewCall, write_calls
from dualbus_events.participants import answer_tasks
from dualbus_events.tasks import TaskOutcome
from dualbus_events.unit_of_work import UnitOfWork
from dualbus_kit.clock import utc_now
from dualbus_tmf.declaration import DeclaredAggregate

from provisioning_svc.activation.operations import activate_operations, deactivate_operations
from provisioning_svc.activation.undo import take_back
from provisioning_svc.cancellation import tasks
from provisioning_svc.catalogue.realizable_services import realizing
from provisioning_svc.element.calls import deadline_without_task, element_call
from provisioning_svc.service_activation.monitor import MONITOR
from provisioning_svc.service_inventory.repository import Services
from provisioning_svc.service_order.aggregate import ServiceOrder
from provisioning_svc.service_order.repository import ServiceOrders


async def cancel_service_order(cancellation: DeclaredAggregate, uow: UnitOfWork) -> None:
    """Cancel at once what waits for a person; of what is in work the network decides.

    Its answer ends both the order and the task: see `completing`. Raises ServiceOrderNotFound, and
    ServiceOrderNotCancellable for an order that has ended or is being cancelled already.
    """
    document = cancellation.document
    [order] = await uow.load(ServiceOrders, [document.service_order.id])
    back_to = order.assess_cancellation()
    document.service_order = document.service_order.model_copy(
        update={"href": order.document.href, "referred_type": "ServiceOrder"}
    )
    document.related_party = order.document.related_party
    tasks.begin(cancellation)
    if back_to != "inProgress":
        order.cancel(utc_now(), reason=document.cancellation_reason)
        tasks.finish(cancellation)
    elif await _is_monitored(order, uow):
        order.deny_cancellation(back_to)
        message = "The network was asked for a single service: patch or delete the service instead"
        tasks.deny(cancellation, code="pastPointOfNoReturn", message=message)
    elif order.product_id is None:
        await _cancel_posted(order, cancellation, uow)
    elif order.adds:
        await _cancel_activation(order, cancellation, uow)
    else:
        await _cancel_cessation(order, cancellation, uow)


async def _is_monitored(order: ServiceOrder, uow: UnitOfWork) -> bool:
    """Whether a request for a single service (TMF640) made it."""
    if order.product_id is not None:
        return False
    monitors = await uow.find_by(MONITOR.repository, "service_id", order.service_ids)
    return any(one.document.to_dict()["serviceOrder"]["id"] == order.id for one in monitors)


async def _cancel_posted(
    order: ServiceOrder, cancellation: DeclaredAggregate, uow: UnitOfWork
) -> None:
    """Have the network take back what it may have done: nothing stands in the inventory yet."""
    ended = await uow.find(Services, order.ended_ids)
    documents = [service.document for service in ended.values()]
    catalogue = await realizing(uow.connection, documents)
    restore = activate_operations(documents, customer_id=order.customer_id, catalogue=catalogue)
    operations = [*deactivate_operations(order.added), *restore]
    purpose = "cancelActivation" if order.adds else "cancelCessation"
    await write_calls(uow, [_call(purpose, order, cancellation, operations)])


async def _cancel_activation(
    order: ServiceOrder, cancellation: DeclaredAggregate, uow: UnitOfWork
) -> None:
    """Have the network deactivate what it may have activated already.

    The point of no return is the inventory's: a service that stands in it is the customer's, and
    ends by a cessation. Orders that share the services, being tries of the same task, hold them
    no longer.
    """
    sharing = [one for one in await _of_same_product(order, uow) if _shares(one, order)]
    services = await uow.find(Services, order.service_ids)
    active = [service.id for service in services.values() if not service.terminated]
    if active:
        order.deny_cancellation("inProgress")
        message = f"Service {active[0]} is active already; it can only be ceased"
        tasks.deny(cancellation, code="pastPointOfNoReturn", message=message)
        return
    interrupted: dict[str, TaskOutcome] = {}
    for one in sharing:
        interrupted |= take_back(one)
    await answer_tasks(uow, interrupted)
    operations = deactivate_operations(order.services)
    await write_calls(uow, [_call("cancelActivation", order, cancellation, operations)])


async def _cancel_cessation(
    order: ServiceOrder, cancellation: DeclaredAggregate, uow: UnitOfWork
) -> None:
    """Have the network restore what it may have deactivated already."""
    services = await uow.find(Services, order.service_ids)
    documents = [service.document for service in services.values()]
    catalogue = await realizing(uow.connection, documents)
    operations = activate_operations(documents, customer_id=order.customer_id, catalogue=catalogue)
    await write_calls(uow, [_call("cancelCessation", order, cancellation, operations)])


async def _of_same_product(order: ServiceOrder, uow: UnitOfWork) -> list[ServiceOrder]:
    return await uow.find_by(ServiceOrders, "holds_product_id", [order.product_id])


def _shares(other: ServiceOrder, order: ServiceOrder) -> bool:
    return other is not order and bool(set(other.service_ids) & set(order.service_ids))


def _call(
    purpose: str,
    order: ServiceOrder,
    cancellation: DeclaredAggregate,
    operations: list[dict[str, object]],
) -> NewCall:
    return element_call(
        purpose=purpose,
        key=order.key,
        call_id=cancellation.id,
        service_order_id=order.id,
        deadline=deadline_without_task(),
        operations=operations,
    )
