"""What follows from the network's answers: services, orders, resources, answers to tasks."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from dualbus_events.calls import Answer, Call, NewCall, write_calls
from dualbus_events.contract.provisioning import Service as ServiceDocument
from dualbus_events.contract.provisioning import ServiceRefOrValue
from dualbus_events.participants import answer_tasks
from dualbus_events.tasks import TaskOutcome, done, failed, rejected
from dualbus_events.unit_of_work import UnitOfWork
from dualbus_kit.causation import caused_by
from dualbus_kit.clock import timestamp, utc_now
from dualbus_tmf.declaration import DeclaredAggregate

from provisioning_svc.activation.operations import deactivate_operations
from provisioning_svc.activation.outcomes import activation_result, cease_result
from provisioning_svc.cancel_service_order.declaration import CANCEL_SERVICE_ORDER
from provisioning_svc.cancellation.tasks import deny, finish
from provisioning_svc.element.calls import element_call
from provisioning_svc.resource.aggregate import Resource
from provisioning_svc.resource.repository import Resources
from provisioning_svc.service_activation.monitor import MONITOR, complete_monitor, fail_monitor
from provisioning_svc.service_activation.use_cases import PURPOSES
from provisioning_svc.service_inventory.aggregate import Service
from provisioning_svc.service_inventory.repository import Services
from provisioning_svc.service_order.aggregate import ServiceOrder
from provisioning_svc.service_order.repository import ServiceOrders

_UNDONE = failed("undone", "The task was undone while it was in work")
_ENDS_SERVICES = ("cease", "undo", "clear", "cancelActivation", "terminateService")
_CANCELS = ("cancelActivation", "cancelCessation")
_CONFIGURES = frozenset(PURPOSES.values())


@dataclass
class _Inventory:
    """What the orders of a batch of answers concern, locked and loaded."""

    uow: UnitOfWork
    services: dict[str, Service]
    held: dict[str, list[Resource]]
    """Resources by the service that holds them; loaded only for services that end."""
    cancellations: Mapping[str, DeclaredAggregate]
    """TMF641's tasks, by id, which is the id of their calls."""
    monitors: Mapping[str, DeclaredAggregate]
    """TMF640's, by id, which is the id of their calls too."""
    calls: list[NewCall] = field(default_factory=list)


async def element_answered(answered: Sequence[tuple[Call, Answer]], uow: UnitOfWork) -> None:
    """Apply the answers of a batch of calls, in one transaction."""
    order_ids = [call.request["serviceOrderId"] for call, _ in answered]
    orders = await uow.find(ServiceOrders, order_ids)
    service_ids = sorted({id_ for order in orders.values() for id_ in order.service_ids})
    ending = [orders[call.request["serviceOrderId"]] for call, a in answered if _ends(call, a)]
    inventory = _Inventory(
        uow,
        await uow.find(Services, service_ids),
        await _held_by(uow, ending),
        await uow.find(CANCEL_SERVICE_ORDER.repository, _ids_of(answered, _CANCELS)),
        await uow.find(MONITOR.repository, _ids_of(answered, _CONFIGURES)),
    )
    outcomes: dict[str, TaskOutcome] = {}
    for call, answer in answered:
        order = orders[call.request["serviceOrderId"]]
        with caused_by(call.cause):
            outcomes |= _apply(call, answer.body, order, inventory)
    # A call that only clears up serves no task; its id is no task's, so nothing is answered.
    await answer_tasks(uow, outcomes)
    if inventory.calls:
        await write_calls(uow, inventory.calls)


def complete_activation(
    order: ServiceOrder, *, uow: UnitOfWork, known: dict[str, Service], at: datetime
) -> None:
    """The services are active since `at`. Those that are `known` were so after an earlier try."""
    for designed in order.services:
        if designed.id and designed.id not in known:
            service = Service.entered(_active_service(designed, order, at))
            known[service.id] = service
            uow.add(service)
    order.complete(utc_now())


def _apply(
    call: Call, body: Mapping[str, Any], order: ServiceOrder, inventory: _Inventory
) -> dict[str, TaskOutcome]:
    """The answers to tasks, by id, that follow from one answer of the network."""
    purpose = call.request["purpose"]
    if purpose in _CANCELS:
        return _cancelled(call, body, order, inventory)
    if purpose in _CONFIGURES:
        _configured(call, body, order, inventory)
        return {}
    if purpose in ("activate", "cease"):
        if order.being_cancelled:
            return {}  # the answer to its cancellation is behind this one, and answers the task
        carried_out = _activated if purpose == "activate" else _ceased
        return {call.call_id: carried_out(call, body, order, inventory)}
    if body["outcome"] != "done":
        return {call.call_id: _not_done(body)}
    if purpose in _ENDS_SERVICES:
        _end_services(order, inventory, utc_now())
    return {call.call_id: done()}


def _configured(
    call: Call, body: Mapping[str, Any], order: ServiceOrder, inventory: _Inventory
) -> None:
    """A service that was asked for by itself follows the network, and its monitor tells."""
    now, monitor = utc_now(), inventory.monitors[call.call_id]
    if body["outcome"] != "done":
        order.fail(now, code=body["code"], message=body["message"], keep=True)
        fail_monitor(monitor, **body)
        return
    [service_id] = order.service_ids
    service = inventory.services[service_id]
    if call.request["purpose"] == "terminateService":
        _end_services(order, inventory, now)
    elif call.request["purpose"] == "activateService":
        service.follow("active", datetime.fromisoformat(body["activatedAt"] or timestamp(now)))
    else:
        service.follow("inactive", now)
    order.complete(now)
    complete_monitor(monitor, service)


def _cancelled(
    call: Call, body: Mapping[str, Any], order: ServiceOrder, inventory: _Inventory
) -> dict[str, TaskOutcome]:
    """All is undone: the order's task is refused, so that what relies on it is undone too.

    Where the network can't undo it, nobody knows what it has: the order fails and keeps what was
    assigned, as when it can't be carried out.
    """
    now, cancellation = utc_now(), inventory.cancellations[call.call_id]
    if body["outcome"] != "done":
        order.deny_cancellation("inProgress")
        order.fail(now, code=body["code"], message=body["message"], keep=True)
        deny(cancellation, code=body["code"], message=body["message"])
        return {str(order.document.external_id): failed(body["code"], body["message"])}
    if order.adds:
        _end_services(order, inventory, now)
    reason = cancellation.document.cancellation_reason
    order.cancel(now, reason=reason)
    finish(cancellation)
    why = reason or f"Service order {order.id} was cancelled"
    return {str(order.document.external_id): rejected("serviceOrderCancelled", why)}


def _activated(
    call: Call, body: Mapping[str, Any], order: ServiceOrder, inventory: _Inventory
) -> TaskOutcome:
    if not order.in_progress:
        return _UNDONE
    now = utc_now()
    if body["outcome"] == "done":
        activated_at = body["activatedAt"] or timestamp(now)
        at = datetime.fromisoformat(activated_at)
        complete_activation(order, uow=inventory.uow, known=inventory.services, at=at)
        return done(activation_result(order, activated_at))
    refused = body["outcome"] == "rejected"
    order.fail(now, code=body["code"], message=body["message"], keep=not refused)
    if refused:
        inventory.calls.append(_clearing(call, order))
    return _not_done(body)


def _clearing(call: Call, order: ServiceOrder) -> NewCall:
    """After a refusal: another service of the product may have been activated before it.

    The element is asked to end all of them; what they held goes back with its answer.
    """
    return element_call(
        purpose="clear",
        product_id=call.key,
        call_id=f"{call.call_id}.clear",
        service_order_id=order.id,
        deadline=call.request["deadline"],
        operations=deactivate_operations(order.services),
    )


def _ceased(
    _: Call, body: Mapping[str, Any], order: ServiceOrder, inventory: _Inventory
) -> TaskOutcome:
    if not order.in_progress:
        return _UNDONE
    now = utc_now()
    if body["outcome"] != "done":
        order.fail(now, code=body["code"], message=body["message"], keep=True)
        return _not_done(body)
    _end_services(order, inventory, now)
    order.complete(now)
    return done(cease_result(order.services, timestamp(now)))


def _end_services(order: ServiceOrder, inventory: _Inventory, now: datetime) -> None:
    """Terminate the order's services and give back what they, and only they, hold."""
    for service_id in order.service_ids:
        service = inventory.services.get(service_id)
        if service is not None and not service.terminated:
            service.terminate(now)
        for resource in inventory.held.pop(service_id, []):
            resource.give_back()


def _ids_of(answered: Sequence[tuple[Call, Answer]], purposes: Collection[str]) -> list[str]:
    return [call.call_id for call, _ in answered if call.request["purpose"] in purposes]


def _ends(call: Call, answer: Answer) -> bool:
    return call.request["purpose"] in _ENDS_SERVICES and answer.body["outcome"] == "done"


async def _held_by(uow: UnitOfWork, orders: Sequence[ServiceOrder]) -> dict[str, list[Resource]]:
    service_ids = sorted({id_ for order in orders for id_ in order.service_ids})
    held: dict[str, list[Resource]] = {}
    for resource in await uow.find_by(Resources, "service_id", service_ids):
        for entity in resource.document.related_entity or []:
            held.setdefault(entity.id, []).append(resource)
    return held


def _not_done(body: Mapping[str, Any]) -> TaskOutcome:
    refuse = rejected if body["outcome"] == "rejected" else failed
    return refuse(body["code"], body["message"])


def _active_service(
    designed: ServiceRefOrValue, order: ServiceOrder, at: datetime
) -> ServiceDocument:
    return ServiceDocument(
        id=str(designed.id),
        href=designed.href,
        type_="Service",
        name=designed.name,
        state="active",
        service_date=order.document.order_date,
        start_date=at,
        service_specification=designed.service_specification,
        service_characteristic=designed.service_characteristic,
        supporting_resource=designed.supporting_resource,
        related_entity=designed.related_entity,
        related_party=order.document.related_party,
    )
