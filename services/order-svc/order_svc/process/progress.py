"""Carrying out what the engine decided: orders follow, products change, tasks and timers go out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import orjson
from dualbus_events.outbox import task_message
from dualbus_events.unit_of_work import UnitOfWork
from dualbus_kit.causation import Cause, caused_by
from dualbus_kit.turns import in_turns

from order_svc.cancel_product_order.finishing import finish_cancellations
from order_svc.catalogue.offers import Catalogue, catalogue_at
from order_svc.process import engine
from order_svc.process.graph import Process
from order_svc.process.payloads import TaskWriter, offering_ids
from order_svc.process.store import Locked, insert_processes, save_processes
from order_svc.process.view import OrderView, order_view
from order_svc.product.use_cases import CompletedItem, deliver_products
from order_svc.product_order.aggregate import ProductOrder
from order_svc.product_order.repository import ProductOrders

TIMER = "process"


@dataclass(frozen=True, slots=True)
class Stepped:
    """A process that was taken a step further, what its order showed before, and why."""

    process: Process
    before: OrderView
    cause: Cause


async def start_processes(
    uow: UnitOfWork, started: Sequence[tuple[Process, ProductOrder, Cause]], catalogue: Catalogue
) -> None:
    """Start the processes of orders that were just taken, at the start they ask for or now."""
    now = catalogue.now.timestamp()
    steps: list[Stepped] = []
    for process, order, cause in started:
        process.correlation_id, process.traceparent = cause.correlation_id, cause.traceparent
        before = order_view(process)
        requested = order.document.requested_start_date
        if requested is not None and requested > catalogue.now:
            process.start_at = requested.timestamp()
        engine.advance(process, now)
        steps.append(Stepped(process, before, cause))
    bodies = {process.id: order.state_bytes for process, order, _ in started}
    await _carry_out(uow, steps, now=now, bodies=bodies, catalogue=catalogue)
    insert_processes(uow, [process for process, _, _ in started])


async def save_steps(uow: UnitOfWork, steps: Sequence[Stepped], locked: Locked) -> None:
    """Carry out and store steps of processes that this transaction holds locked."""
    if not steps or locked.revision is None:
        return
    catalogue = catalogue_at(locked.revision, datetime.fromtimestamp(locked.now, UTC))
    bodies = {id_: order.body for id_, order in locked.orders.items()}
    for id_ in _changed(steps):
        order = locked.orders[id_]
        uow.hold(ProductOrders, id_, version=order.version, body=order.body)
    await _carry_out(uow, steps, now=locked.now, bodies=bodies, catalogue=catalogue)
    save_processes(uow, [step.process for step in steps])


def _changed(steps: Sequence[Stepped]) -> dict[str, OrderView]:
    """What orders show now, those of them that show something else than before their step."""
    views = {step.process.id: order_view(step.process) for step in steps}
    return {s.process.id: views[s.process.id] for s in steps if views[s.process.id] != s.before}


async def _carry_out(
    uow: UnitOfWork,
    steps: Sequence[Stepped],
    *,
    now: float,
    bodies: Mapping[str, bytes],
    catalogue: Catalogue,
) -> None:
    """`bodies` are the orders as they were stored, or will be, before these steps."""
    views = _changed(steps)
    changed = [step for step in steps if step.process.id in views]
    orders = await uow.find(ProductOrders, list(views))
    async for step in in_turns(changed):
        with caused_by(step.cause):
            orders[step.process.id].follow(views[step.process.id])
    await deliver_products(uow, _completed(changed, orders))
    await finish_cancellations(uow, _cancelled(changed))
    current = {**bodies, **{id_: o.state_bytes for id_, o in orders.items() if o.recorded}}
    await _send(uow, [step for step in steps if step.process.sends], current, catalogue)
    uow.set_timers(TIMER, _timers([step.process for step in steps], now))


def _cancelled(steps: Sequence[Stepped]) -> dict[str, Cause]:
    """The cancellations that are carried out now, and what they were waiting for."""
    return {
        step.process.cancelling: step.cause
        for step in steps
        if step.process.cancelling and step.process.ended
    }


def _completed(steps: Sequence[Stepped], orders: Mapping[str, ProductOrder]) -> list[CompletedItem]:
    return [
        CompletedItem(
            order=orders[step.process.id].document,
            item_id=item.id,
            results={
                node.name: node.result or {}
                for node in (
                    *step.process.nodes_of(item),
                    *(step.process.nodes[key] for key in item.shared),
                )
            },
            cause=step.cause,
        )
        for step in steps
        for item in step.process.items.values()
        if item.state == "completed" and step.before.items[item.id].state != "completed"
    ]


async def _send(
    uow: UnitOfWork, steps: Sequence[Stepped], bodies: Mapping[str, bytes], catalogue: Catalogue
) -> None:
    """Write the tasks of a whole batch; the catalogue is mostly in memory."""
    orders = {step.process.id: orjson.loads(bodies[step.process.id]) for step in steps}
    wanted = {one for order in orders.values() for one in offering_ids(order)}
    await catalogue.load(uow.connection, wanted)
    async for step in in_turns(steps):
        process = step.process
        writer = TaskWriter(process, orders[process.id], offers=catalogue.offers, cause=step.cause)
        uow.send(*(task_message(uow.source, writer.task(send)) for send in process.sends))
        process.sends = []


def _timers(processes: Sequence[Process], now: float) -> dict[str, float]:
    """One timer per process: set anew only when it would come too late, else it looks again."""
    timers: dict[str, float] = {}
    for process in processes:
        due = process.next_due
        if due is not None and (process.timer_at is None or process.timer_at > due):
            process.timer_at = due
            timers[process.id] = max(due - now, 0.0)
    return timers
