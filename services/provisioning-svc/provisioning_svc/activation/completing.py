"""What follows from the network's answers: services, orders, resources, answers to tasks."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from dualbus_events.calls import Answer, Call, NewCall, write_calls
from dualbus_events.participants import answer_tasks
from dualbus_events.tasks import TaskOutcome, done, failed, rejected
from dualbus_events.unit_of_work import UnitOfWork
from dualbus_kit.causation import caused_by
from dualbus_kit.clock import timestamp, utc_now

from provisioning_svc.activation.answered_inventory import (
    AnsweredInventory,
    enter_services,
    inventory_of,
)
from provisioning_svc.activation.operations import deactivate_operations
from provisioning_svc.activation.outcomes import activation_result, cease_result
from provisioning_svc.cancellation.tasks import deny, finish
from provisioning_svc.element.calls import element_call
from provisioning_svc.service_activation.monitor import complete_monitor, fail_monitor
from provisioning_svc.service_activation.use_cases import PURPOSES
from provisioning_svc.service_inventory.aggregate import Service
from provisioning_svc.service_order.aggregate import ServiceOrder
from provisioning_svc.service_order.answers import POSTED_ORDER_PURPOSES, posted_order_answered
from provisioning_svc.service_order.repository import ServiceOrders

_UNDONE = failed("undone", "The task was undone while it was in work")
_ENDS_SERVICES = (
    "cease",
    "undo",
    "clear",
    "cancelActivation",
    "terminateService",
    *POSTED_ORDER_PURPOSES,
)
_CANCELS = ("cancelActivation", "cancelCessation")
_CONFIGURES = frozenset(PURPOSES.values())


async def element_answered(answered: Sequence[tuple[Call, Answer]], uow: UnitOfWork) -> None:
    """Apply the answers of a batch of calls, in one transaction."""
    order_ids = [call.request["serviceOrderId"] for call, _ in answered]
    orders = await uow.find(ServiceOrders, order_ids)
    inventory = await inventory_of(
        answered, orders, uow, ending=_ENDS_SERVICES, cancelling=_CANCELS, configuring=_CONFIGURES
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
    enter_services(order.services, order, uow=uow, known=known, at=at)
    order.complete(utc_now())


def _apply(
    call: Call, body: Mapping[str, Any], order: ServiceOrder, inventory: AnsweredInventory
) -> dict[str, TaskOutcome]:
    """The answers to tasks, by id, that follow from one answer of the network."""
    purpose = call.request["purpose"]
    if purpose in _CANCELS:
        return _cancelled(call, body, order, inventory)
    if purpose in _CONFIGURES or purpose in POSTED_ORDER_PURPOSES:
        follow = _configured if purpose in _CONFIGURES else posted_order_answered
        follow(call, body, order, inventory)
        return {}
    if purpose in ("activate", "cease"):
        if order.being_cancelled:
            return {}  # the answer to its cancellation is behind this one, and answers the task
        carried_out = _activated if purpose == "activate" else _ceased
        return {call.call_id: carried_out(call, body, order, inventory)}
    if body["outcome"] != "done":
        return {call.call_id: _not_done(body)}
    if purpose in _ENDS_SERVICES:
        inventory.end_services(order.service_ids, utc_now())
    return {call.call_id: done()}


def _configured(
    call: Call, body: Mapping[str, Any], order: ServiceOrder, inventory: AnsweredInventory
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
        inventory.end_services(order.service_ids, now)
    elif call.request["purpose"] == "activateService":
        service.follow("active", datetime.fromisoformat(body["activatedAt"] or timestamp(now)))
    else:
        service.follow("inactive", now)
    order.complete(now)
    complete_monitor(monitor, service)


def _cancelled(
    call: Call, body: Mapping[str, Any], order: ServiceOrder, inventory: AnsweredInventory
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
        return _to_task_of(order, failed(body["code"], body["message"]))
    inventory.end_services(order.added_ids, now)
    reason = cancellation.document.cancellation_reason
    order.cancel(now, reason=reason)
    finish(cancellation)
    why = reason or f"Service order {order.id} was cancelled"
    return _to_task_of(order, rejected("serviceOrderCancelled", why))


def _to_task_of(order: ServiceOrder, outcome: TaskOutcome) -> dict[str, TaskOutcome]:
    """The `externalId` of an order that a channel posted is the channel's, and no task's."""
    return {} if order.product_id is None else {str(order.document.external_id): outcome}


def _activated(
    call: Call, body: Mapping[str, Any], order: ServiceOrder, inventory: AnsweredInventory
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
        key=call.key,
        call_id=f"{call.call_id}.clear",
        service_order_id=order.id,
        deadline=call.request["deadline"],
        operations=deactivate_operations(order.services),
    )


def _ceased(
    _: Call, body: Mapping[str, Any], order: ServiceOrder, inventory: AnsweredInventory
) -> TaskOutcome:
    if not order.in_progress:
        return _UNDONE
    now = utc_now()
    if body["outcome"] != "done":
        order.fail(now, code=body["code"], message=body["message"], keep=True)
        return _not_done(body)
    inventory.end_services(order.service_ids, now)
    order.complete(now)
    return done(cease_result(order.services, timestamp(now)))


def _not_done(body: Mapping[str, Any]) -> TaskOutcome:
    refuse = rejected if body["outcome"] == "rejected" else failed
    return refuse(body["code"], body["message"])
