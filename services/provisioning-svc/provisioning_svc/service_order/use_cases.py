"""Service orders that channels post: carried out like those of tasks, for a whole list.

Nothing is billed, and no product is made: those are a product order's.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from dualbus_events.calls import NewCall, write_calls
from dualbus_events.contract.provisioning import RelatedServiceOrderItem, ServiceOrderItem
from dualbus_events.unit_of_work import UnitOfWork
from dualbus_kit.clock import utc_now
from dualbus_kit.ids import new_id
from dualbus_tmf.hrefs import href_of

from provisioning_svc.activation.design import resources_needed
from provisioning_svc.activation.operations import activate_operations, deactivate_operations
from provisioning_svc.catalogue.realizable_services import RealizableService, realizable_services
from provisioning_svc.element.calls import deadline_without_task, element_call
from provisioning_svc.resource.allocation import Stock, draw, put_back
from provisioning_svc.resource.assigning import assign_to_service, short_of
from provisioning_svc.service_activation.changes_in_work import changes_in_work
from provisioning_svc.service_inventory.aggregate import Service
from provisioning_svc.service_inventory.repository import PATH as SERVICE_PATH
from provisioning_svc.service_inventory.repository import Services
from provisioning_svc.service_order.aggregate import ServiceOrder
from provisioning_svc.service_order.answers import CARRY_OUT
from provisioning_svc.service_order.problems import (
    can_be_realized,
    problems_of,
    says_what_to_do,
    specification_id_of,
)
from provisioning_svc.service_order.repository import ServiceOrders

TIMER = "serviceOrder"


@dataclass
class _Work:
    """What the orders of a list share: everything they name, loaded, the services locked."""

    uow: UnitOfWork
    catalogue: Mapping[str, RealizableService]
    inventory: Mapping[str, Service]
    busy: dict[str, str]
    """What is changing a service already, by its id."""
    stocks: Mapping[str, Stock]


async def place_service_orders(orders: Sequence[ServiceOrder], uow: UnitOfWork) -> None:
    """Acknowledge all; start what can be carried out, at once or at its date.

    What is incomplete, or not known to the catalogue or the inventory, waits for a person.
    """
    now = utc_now()
    starting: list[ServiceOrder] = []
    timers: dict[str, float] = {}
    for order in orders:
        order.acknowledge()
        uow.add(order)
        if not says_what_to_do(order.document):
            continue
        at = order.document.requested_start_date
        if at is not None and at > now:
            timers[order.id] = (at - now).total_seconds()
        else:
            starting.append(order)
    uow.set_timers(TIMER, timers)
    await _start(starting, uow)


async def service_orders_due(order_ids: Sequence[str], uow: UnitOfWork) -> None:
    """Start what has waited for its date; an order that was cancelled meanwhile is left alone."""
    found = await uow.find(ServiceOrders, order_ids)
    await _start([order for order in found.values() if order.waits], uow)


async def _start(orders: Sequence[ServiceOrder], uow: UnitOfWork) -> None:
    if not orders:
        return
    work = await _look_up(orders, uow)
    starting = [one for one in orders if _is_startable(one, work)]
    wanted = sum((_resources_of(order, work) for order in starting), Counter[str]())
    pools = {one.id: one.pool for spec in work.catalogue.values() for one in spec.resources}
    work.stocks = await draw(uow, pools, wanted)
    calls: list[NewCall] = []
    for order in starting:
        calls += _start_one(order, work)
    await put_back(uow, work.stocks)
    if calls:
        await write_calls(uow, calls)


async def _look_up(orders: Sequence[ServiceOrder], uow: UnitOfWork) -> _Work:
    ending = sorted({id_ for order in orders for id_ in order.ended_ids})
    inventory = await uow.find(Services, ending)
    specifications = {specification_id_of(one) for order in orders for one in order.added}
    specifications |= {specification_id_of(one.document) for one in inventory.values()}
    catalogue = await realizable_services(uow.connection, {id_ for id_ in specifications if id_})
    return _Work(uow, catalogue, inventory, await changes_in_work(inventory.values(), uow), {})


def _is_startable(order: ServiceOrder, work: _Work) -> bool:
    """Whether it can be carried out. One that breaks a rule is rejected on the way; one that the
    catalogue can't realize is left as it is."""
    if not can_be_realized(order.document, work.catalogue, work.inventory):
        return False
    problems = problems_of(order.document, work.inventory, work.busy)
    if problems:
        order.reject(problems)
        return False
    work.busy |= dict.fromkeys(order.ended_ids, f"service order {order.id} ends it")
    return True


def _start_one(order: ServiceOrder, work: _Work) -> list[NewCall]:
    """Give its services what they need, and have the network follow; nothing where a pool is short
    of what another order didn't take."""
    now = utc_now()
    lacking = short_of(work.stocks, _resources_of(order, work))
    if lacking is not None:
        order.start(now)
        order.fail(now, code="noResourceAvailable", message=f"No {lacking} is left", keep=False)
        return []
    for item in order.document.service_order_item:
        if item.action == "add":
            _design(item, order, work)
        elif item.action == "delete":
            _name_ended(item, order, work)
    order.start(now)
    return [_call(order, work)]


def _design(item: ServiceOrderItem, order: ServiceOrder, work: _Work) -> None:
    service, specification = item.service, _specification_of(item, work)
    service.id = new_id()
    service.href = href_of(work.uow, SERVICE_PATH, service.id)
    service.name = service.name or specification.name
    held = assign_to_service(
        service,
        specification.resources,
        work.stocks,
        customer=order.customer,
        addressed=work.uow,
    )
    work.uow.add(*held)


def _name_ended(item: ServiceOrderItem, order: ServiceOrder, work: _Work) -> None:
    """The order tells what it ends, and the service which order ends it."""
    service, named = work.inventory[str(item.service.id)], item.service
    document = service.document
    named.href, named.name = document.href, document.name
    named.service_specification = document.service_specification
    named.supporting_resource = document.supporting_resource
    service.ordered(
        RelatedServiceOrderItem(
            service_order_id=order.id,
            service_order_href=order.document.href,
            item_id=item.id,
            item_action="delete",
        )
    )


def _call(order: ServiceOrder, work: _Work) -> NewCall:
    """All items go in one call, with what would take them back."""
    ended = [work.inventory[id_].document for id_ in order.ended_ids]
    customer, catalogue = order.customer_id, work.catalogue
    activate = activate_operations(order.added, customer_id=customer, catalogue=catalogue)
    restore = activate_operations(ended, customer_id=customer, catalogue=catalogue)
    return element_call(
        purpose=CARRY_OUT,
        key=order.key,
        call_id=order.id,
        service_order_id=order.id,
        deadline=deadline_without_task(),
        operations=[*activate, *deactivate_operations(ended)],
        more={"inverse": [*deactivate_operations(order.added), *restore]},
    )


def _resources_of(order: ServiceOrder, work: _Work) -> Counter[str]:
    items: Iterable[ServiceOrderItem] = order.document.service_order_item
    return resources_needed(_specification_of(one, work) for one in items if one.action == "add")


def _specification_of(item: ServiceOrderItem, work: _Work) -> RealizableService:
    return work.catalogue[str(specification_id_of(item.service))]
