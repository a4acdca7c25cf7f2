"""Activate products: order, design, assign, and have the network told, for a whole batch."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from dualbus_events.calls import NewCall, write_calls
from dualbus_events.contract.provisioning import ServiceRefOrValue
from dualbus_events.tasks import Task, TaskOutcome, done, failed, rejected
from dualbus_events.unit_of_work import UnitOfWork
from dualbus_kit.causation import caused_by
from dualbus_kit.clock import timestamp, utc_now

from provisioning_svc.activation.completing import complete_activation
from provisioning_svc.activation.design import (
    NoResourceAvailable,
    SpecificationUnknown,
    new_services,
    resources_needed,
    specifications_of,
)
from provisioning_svc.activation.operations import activate_operations
from provisioning_svc.activation.outcomes import activation_result
from provisioning_svc.activation.requests import MalformedTask, ProductRequest, read_request
from provisioning_svc.catalogue.realizable_services import RealizableService, realizable_services
from provisioning_svc.element.calls import element_call
from provisioning_svc.resource.allocation import Stock, draw, put_back
from provisioning_svc.service_order.aggregate import ServiceOrder
from provisioning_svc.service_order.repository import ServiceOrders
from provisioning_svc.service_order.starting import started_order


@dataclass
class _Batch:
    """What the tasks of one batch share."""

    uow: UnitOfWork
    catalogue: Mapping[str, RealizableService]
    held: dict[str, ServiceOrder]
    stocks: Mapping[str, Stock] = field(default_factory=dict)
    calls: list[NewCall] = field(default_factory=list)


async def activate_products(tasks: Sequence[Task], uow: UnitOfWork) -> list[TaskOutcome | None]:
    """One service order for each task; what goes to the network is answered when it has answered.

    Two statements for the catalogue, one for what the products hold already, some for the pools,
    whatever the number of tasks.
    """
    # An undo earlier in the batch must be seen by the look-ups below.
    await uow.flush()
    requests: dict[str, ProductRequest] = {}
    outcomes: dict[str, TaskOutcome | None] = {}
    for task in tasks:
        try:
            requests[task.task_id] = read_request(task)
        except MalformedTask as error:
            outcomes[task.task_id] = failed(error.code, str(error))
    batch = await _prepare(list(requests.values()), uow)
    for task_id, request in requests.items():
        with caused_by(request.task.cause):
            outcomes[task_id] = _start(request, batch)
    await put_back(uow, batch.stocks)
    if batch.calls:
        await write_calls(uow, batch.calls)
    return [outcomes[task.task_id] for task in tasks]


async def _prepare(requests: Sequence[ProductRequest], uow: UnitOfWork) -> _Batch:
    ids = {id_ for request in requests for id_ in request.specification_ids}
    catalogue = await realizable_services(uow.connection, ids)
    products = [request.product_id for request in requests]
    orders = await uow.find_by(ServiceOrders, "holds_product_id", products)
    # In id order, which is the order of time: the last one is the current one.
    batch = _Batch(uow, catalogue, {str(order.product_id): order for order in orders})
    wanted: Counter[str] = Counter()
    for request in requests:
        if request.product_id not in batch.held:
            known = [catalogue[id_] for id_ in request.specification_ids if id_ in catalogue]
            wanted += resources_needed(known)
    pools = {one.id: one.pool for spec in catalogue.values() for one in spec.resources}
    batch.stocks = await draw(uow, pools, wanted)
    return batch


def _start(request: ProductRequest, batch: _Batch) -> TaskOutcome | None:
    """Order one product. None: the answer comes with the network's."""
    uow, now = batch.uow, utc_now()
    try:
        services = _services(request, batch)
    except NoResourceAvailable as error:
        return rejected(error.code, str(error))
    except SpecificationUnknown as error:
        return failed(error.code, str(error))
    order = started_order(
        services,
        action="add",
        parties=request.customer,
        addressed=uow,
        now=now,
        task_id=request.task.task_id,
    )
    uow.add(order)
    batch.held[request.product_id] = order
    operations = activate_operations(
        services, customer_id=order.customer_id, catalogue=batch.catalogue
    )
    if not operations:
        complete_activation(order, uow=uow, known={}, at=now)
        return done(activation_result(order, timestamp(now)))
    batch.calls.append(
        element_call(
            purpose="activate",
            key=request.product_id,
            call_id=request.task.task_id,
            service_order_id=order.id,
            deadline=request.task.deadline,
            operations=operations,
        )
    )
    return None


def _services(request: ProductRequest, batch: _Batch) -> Sequence[ServiceRefOrValue]:
    """The services the product has from an earlier try, or new ones."""
    earlier = batch.held.get(request.product_id)
    if earlier is not None:
        return [service.model_copy(deep=True) for service in earlier.services]
    specifications = specifications_of(request, batch.catalogue)
    services, resources = new_services(request, specifications, batch.stocks, batch.uow)
    batch.uow.add(*resources)
    return services
