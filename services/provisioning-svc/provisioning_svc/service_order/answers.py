"""What follows from the network's answers to an order that a channel posted: all of it, or nothing.

It fails only when everything is taken back: until then nobody else may touch its services.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dualbus_events.calls import Call, NewCall
from dualbus_kit.clock import timestamp, utc_now

from provisioning_svc.activation.answered_inventory import AnsweredInventory, enter_services
from provisioning_svc.element.calls import element_call
from provisioning_svc.service_order.aggregate import ServiceOrder

CARRY_OUT = "carryOutServiceOrder"
_TAKE_BACK = "takeBackServiceOrder"
POSTED_ORDER_PURPOSES = (CARRY_OUT, _TAKE_BACK)


def posted_order_answered(
    call: Call, body: Mapping[str, Any], order: ServiceOrder, inventory: AnsweredInventory
) -> None:
    """Complete the order; or have the network take it back, and then fail it."""
    if order.being_cancelled:
        return  # the answer to its cancellation is behind this one
    if call.request["purpose"] == _TAKE_BACK:
        _taken_back(call, body, order, inventory)
    elif body["outcome"] == "done":
        _carried_out(body, order, inventory)
    else:
        inventory.calls.append(_taking_back(call, body, order))


def _carried_out(
    body: Mapping[str, Any], order: ServiceOrder, inventory: AnsweredInventory
) -> None:
    now = utc_now()
    at = datetime.fromisoformat(body["activatedAt"] or timestamp(now))
    enter_services(order.added, order, uow=inventory.uow, known=inventory.services, at=at)
    inventory.end_services(order.ended_ids, now)
    order.complete(now)


def _taking_back(call: Call, body: Mapping[str, Any], order: ServiceOrder) -> NewCall:
    """The network may have done some of it. The reason goes along until the order fails."""
    return element_call(
        purpose=_TAKE_BACK,
        key=call.key,
        call_id=f"{call.call_id}.takeBack",
        service_order_id=order.id,
        deadline=call.request["deadline"],
        operations=call.request["inverse"],
        more={"code": body["code"], "message": body["message"]},
    )


def _taken_back(
    call: Call, body: Mapping[str, Any], order: ServiceOrder, inventory: AnsweredInventory
) -> None:
    """Where the network can't take it back, nobody knows what it has: what is assigned stays so."""
    now, request = utc_now(), call.request
    clean = body["outcome"] == "done"
    order.fail(now, code=request["code"], message=request["message"], keep=not clean)
    if clean:
        inventory.end_services(order.added_ids, now)
