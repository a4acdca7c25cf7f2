"""Placing orders for resources, and carrying them out, for a whole list."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from dualbus_events.contract.resource_order import ResourceOrderItem
from dualbus_events.unit_of_work import UnitOfWork
from dualbus_kit.clock import utc_now

from provisioning_svc.catalogue.realizable_services import AssignableResource, assignable_resources
from provisioning_svc.problem import Problem
from provisioning_svc.resource.aggregate import Resource
from provisioning_svc.resource.allocation import Stock, draw, put_back
from provisioning_svc.resource.assigning import assign_from, reference_to
from provisioning_svc.resource.repository import Resources
from provisioning_svc.resource_order.aggregate import ResourceOrder, explain
from provisioning_svc.resource_order.problems import problem_of, specification_of
from provisioning_svc.resource_order.repository import ResourceOrders

TIMER = "resourceOrder"
_TRY_AGAIN_SECONDS = 60.0


@dataclass
class _Work:
    """What the orders of a list share: everything they name, locked and loaded."""

    uow: UnitOfWork
    inventory: Mapping[str, Resource]
    catalogue: Mapping[str, AssignableResource]
    stocks: Mapping[str, Stock] = field(default_factory=dict)


async def place_resource_orders(orders: Sequence[ResourceOrder], uow: UnitOfWork) -> None:
    """Reject what can't be done, carry out the rest; what has a date to start at waits for it."""
    work, now = await _look_up(orders, uow), utc_now()
    starting: list[ResourceOrder] = []
    timers: dict[str, float] = {}
    for order in orders:
        uow.add(order)
        problems = _problems(order, work)
        if problems:
            order.reject(problems)
            continue
        order.take()
        order.start(now)
        seconds = _seconds_until(order.document.requested_start_date, now)
        if seconds > 0:
            order.wait()
            timers[order.id] = seconds
        else:
            starting.append(order)
    uow.set_timers(TIMER, timers)
    await _carry_out(starting, work)


async def resource_orders_due(order_ids: Sequence[str], uow: UnitOfWork) -> None:
    """Carry out what has waited long enough; an order that is cancelled meanwhile is left alone."""
    found = await uow.find(ResourceOrders, order_ids)
    waiting = [order for order in found.values() if order.waits]
    await _carry_out(waiting, await _look_up(waiting, uow))


async def _look_up(orders: Sequence[ResourceOrder], uow: UnitOfWork) -> _Work:
    items = [item for order in orders for item in order.open_items]
    named = [item.resource.id for item in items if item.resource.id is not None]
    wanted = {id_ for item in items if (id_ := specification_of(item)) is not None}
    catalogue = await assignable_resources(uow.connection, wanted)
    return _Work(uow, await uow.find(Resources, named), catalogue)


def _problems(order: ResourceOrder, work: _Work) -> dict[str, Problem]:
    found = (
        (item.id, problem_of(item, work.inventory, work.catalogue)) for item in order.open_items
    )
    return {id_: problem for id_, problem in found if problem is not None}


def _seconds_until(moment: datetime | None, now: datetime) -> float:
    return (moment - now).total_seconds() if moment else 0.0


async def _carry_out(orders: Sequence[ResourceOrder], work: _Work) -> None:
    """Do every open item; those whose pool is used up are tried again by a timer."""
    uow, now = work.uow, utc_now()
    pools = {id_: one.pool for id_, one in work.catalogue.items()}
    work.stocks = await draw(uow, pools, _wanted(orders, work))
    for order in orders:
        # One that can't go on keeps still: nobody is told every minute that nothing changed.
        if order.waits and not any(_is_ready(item, work) for item in order.open_items):
            continue
        if order.waits:
            order.start(now)
        for item in order.open_items:
            _do(item, order, work)
        order.settle(now)
    await put_back(uow, work.stocks)
    again = {order.id: _TRY_AGAIN_SECONDS for order in orders if order.waits}
    uow.set_timers(TIMER, again)


def _wanted(orders: Iterable[ResourceOrder], work: _Work) -> Counter[str]:
    wanted: Counter[str] = Counter()
    for order in orders:
        for item in order.open_items:
            specification = specification_of(item)
            if specification in work.catalogue:
                wanted[str(specification)] += item.quantity or 1
    return wanted


def _is_ready(item: ResourceOrderItem, work: _Work) -> bool:
    """Whether trying it now comes to an end, good or bad."""
    stock = work.stocks.get(str(specification_of(item)))
    return stock is None or stock.left >= (item.quantity or 1)


def _do(item: ResourceOrderItem, order: ResourceOrder, work: _Work) -> None:
    problem = problem_of(item, work.inventory, work.catalogue)
    item.error_message = None
    if problem is not None:
        item.state = "failed"
        explain(item, problem)
    elif not _is_ready(item, work):
        item.state = "pending"
        wanted = f"{item.quantity or 1} of {specification_of(item)} are not left"
        explain(item, Problem("noResourceAvailable", wanted))
    else:
        item.state = "completed"
        if item.action == "add":
            _reserve(item, order, work)
        elif item.action == "delete":
            _give_back(work.inventory[str(item.resource.id)])


def _reserve(item: ResourceOrderItem, order: ResourceOrder, work: _Work) -> None:
    """All that the item got is listed; the first one is the one that it names."""
    held = _reserved(item, order, work)
    item.assigned_resource = [reference_to(one) for one in held]
    first, named = held[0].document, item.resource
    named.id, named.href, named.name, named.value = first.id, first.href, first.name, first.value


def _reserved(item: ResourceOrderItem, order: ResourceOrder, work: _Work) -> list[Resource]:
    specification = specification_of(item)
    if specification is None:
        resource = work.inventory[str(item.resource.id)]
        resource.assign(holder=order.as_holder, customer=order.customer, category=None)
        return [resource]
    wanted = work.catalogue[specification]
    held = [
        assign_from(
            work.stocks[specification],
            wanted,
            holder=order.as_holder,
            customer=order.customer,
            addressed=work.uow,
        )
        for _ in range(item.quantity or 1)
    ]
    work.uow.add(*held)
    return held


def _give_back(resource: Resource) -> None:
    """What is free already stays so: a repeated order does nothing."""
    if not resource.available:
        resource.give_back()
