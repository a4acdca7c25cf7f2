"""Take activations and cessations back, in whatever state they are."""

from collections.abc import Mapping, Sequence

from dualbus_events.calls import NewCall, write_calls
from dualbus_events.participants import answer_tasks, forestall_tasks
from dualbus_events.tasks import Task, TaskOutcome, done, failed, rejected
from dualbus_events.unit_of_work import UnitOfWork
from dualbus_kit.causation import caused_by
from dualbus_kit.clock import utc_now

from provisioning_svc.activation.operations import activate_operations, deactivate_operations
from provisioning_svc.activation.requests import undone_task_id
from provisioning_svc.catalogue.realizable_services import realizing
from provisioning_svc.element.calls import element_call
from provisioning_svc.service_inventory.repository import Services
from provisioning_svc.service_order.aggregate import ServiceOrder
from provisioning_svc.service_order.repository import ServiceOrders

_UNDONE = failed("undone", "The task was undone while it was in work")


async def undo_activations(tasks: Sequence[Task], uow: UnitOfWork) -> list[TaskOutcome | None]:
    """Deactivate, then terminate the services and give the resources back.

    An order that a retry shares its services with is undone too. The deactivation is asked even
    when nothing seems active: an activation may be on its way, and the element answers both.
    """
    orders = await _orders_to_undo(tasks, uow)
    products = [str(order.product_id) for order in orders.values()]
    sharing = await uow.find_by(ServiceOrders, "holds_product_id", products)
    calls: list[NewCall] = []
    outcomes: list[TaskOutcome | None] = []
    interrupted: dict[str, TaskOutcome] = {}
    for task in tasks:
        order = orders.get(undone_task_id(task))
        if order is None:
            outcomes.append(done())
            continue
        with caused_by(task.cause):
            for one in [order, *sharing]:
                if set(one.service_ids) & set(order.service_ids):
                    interrupted |= take_back(one)
            operations = deactivate_operations(order.services)
            calls.append(_call("undo", task, order, operations))
        outcomes.append(None)
    await answer_tasks(uow, interrupted)
    await write_calls(uow, calls)
    return outcomes


async def undo_cessations(tasks: Sequence[Task], uow: UnitOfWork) -> list[TaskOutcome | None]:
    """Stop a cessation that is not done yet; what was terminated stays so."""
    orders = await _orders_to_undo(tasks, uow)
    service_ids = [id_ for order in orders.values() for id_ in order.service_ids]
    services = await uow.find(Services, service_ids)
    catalogue = await realizing(uow.connection, [one.document for one in services.values()])
    calls: list[NewCall] = []
    outcomes: list[TaskOutcome | None] = []
    interrupted: dict[str, TaskOutcome] = {}
    for task in tasks:
        order = orders.get(undone_task_id(task))
        if order is None or order.document.state in ("cancelled", "failed"):
            outcomes.append(done())
        elif order.document.state == "completed":
            outcomes.append(rejected("serviceTerminated", "The service is terminated for good"))
        else:
            with caused_by(task.cause):
                interrupted |= take_back(order)
                documents = [services[id_].document for id_ in order.service_ids]
                operations = activate_operations(
                    documents, customer_id=order.customer_id, catalogue=catalogue
                )
                calls.append(_call("restore", task, order, operations))
            outcomes.append(None)
    await answer_tasks(uow, interrupted)
    await write_calls(uow, calls)
    return outcomes


async def _orders_to_undo(tasks: Sequence[Task], uow: UnitOfWork) -> Mapping[str, ServiceOrder]:
    """The orders of the undone tasks, by task; a task that never came has none, nor will it."""
    # A task that is undone in the very batch it came in must be found by the look-ups.
    await uow.flush()
    await forestall_tasks(uow, tasks)
    ids = [undone_task_id(task) for task in tasks]
    orders = await uow.find_by(ServiceOrders, "external_id", ids)
    return {str(order.document.external_id): order for order in orders}


def take_back(order: ServiceOrder) -> dict[str, TaskOutcome]:
    """From now on the order holds nothing; the answer to its task, if it was in progress."""
    in_progress = order.in_progress
    order.undo(utc_now())
    return {str(order.document.external_id): _UNDONE} if in_progress else {}


def _call(
    purpose: str, task: Task, order: ServiceOrder, operations: Sequence[Mapping[str, object]]
) -> NewCall:
    return element_call(
        purpose=purpose,
        key=str(order.product_id),
        call_id=task.task_id,
        service_order_id=order.id,
        deadline=task.deadline,
        operations=operations,
    )
