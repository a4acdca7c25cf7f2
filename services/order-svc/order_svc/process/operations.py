"""`/ops/process`: what an operator sees and does about processes, above all those in fallout."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from dualbus_events.unit_of_work import UnitOfWork
from dualbus_kit.causation import Cause, caused_by, current_cause
from dualbus_kit.clock import timestamp
from dualbus_tmf.dependencies import ResourceId, Uow, service_of
from fastapi import APIRouter, Query, Request

from order_svc.process import engine
from order_svc.process.encoding import from_json
from order_svc.process.errors import ProcessNotFound
from order_svc.process.graph import Item, Node, Process
from order_svc.process.progress import Stepped, save_steps
from order_svc.process.store import Locked, list_processes, lock_processes
from order_svc.process.view import order_view
from order_svc.product_order.repository import ProductOrders

router = APIRouter(prefix="/ops/process", tags=["operations"])
ProcessState = Literal["running", "compensating", "fallout", "ended"]


@router.get("", operation_id="listProcess")
async def list_process(
    request: Request,
    state: ProcessState | None = None,
    oldest: bool = False,
    limit: Annotated[int, Query(ge=1, le=1000)] = 50,
) -> dict[str, Any]:
    """How many processes there are in each state, and the newest (or oldest) of one state."""
    async with service_of(request).database.pool.acquire() as connection:
        counts, rows = await list_processes(connection, state=state, oldest=oldest, limit=limit)
    listed = [
        {
            "id": row["id"],
            "state": row["state"],
            "startedAt": timestamp(row["started_at"]),
            "changedAt": timestamp(row["changed_at"]),
            "trouble": _trouble(from_json(row["id"], row["version"], row["body"])),
        }
        for row in rows
    ]
    return {"count": counts, "process": listed}


@router.get("/{id}", operation_id="retrieveProcess")
async def retrieve_process(request: Request, resource_id: ResourceId) -> dict[str, Any]:
    """The whole graph: every task with its state, attempts, times and error."""
    row = await service_of(request).database.pool.fetchrow(
        "SELECT version, body FROM process WHERE id = $1", resource_id.replace("\0", "")
    )
    if row is None:
        raise ProcessNotFound(f"There is no process {resource_id}")
    return _shown(from_json(resource_id, row["version"], row["body"]))


@router.post("/{id}/retry", operation_id="retryProcess")
async def retry_process(resource_id: ResourceId, uow: Uow) -> dict[str, Any]:
    """Try the failed tasks again, with all their attempts."""
    process, locked = await _locked(uow, resource_id)
    before = order_view(process)
    engine.retry(process, locked.now)
    await save_steps(uow, [Stepped(process, before, _cause_of(process))], locked)
    return _shown(process)


@router.post("/{id}/abandon", operation_id="abandonProcess")
async def abandon_process(resource_id: ResourceId, uow: Uow) -> dict[str, Any]:
    """Give up: undo what is before the pivot, leave what is past it, and note it on the order."""
    process, locked = await _locked(uow, resource_id)
    before = order_view(process)
    trouble = _trouble(process)
    engine.abandon(process, locked.now)
    [order] = await uow.load(ProductOrders, [process.id])
    with caused_by(_cause_of(process)):
        for one in trouble:
            order.note(
                f"Given up: {one['task']}: {one['error'].get('message', '')}", author="operator"
            )
    await save_steps(uow, [Stepped(process, before, _cause_of(process))], locked)
    return _shown(process)


async def _locked(uow: UnitOfWork, process_id: str) -> tuple[Process, Locked]:
    locked = await lock_processes(uow.connection, [process_id.replace("\0", "")])
    process = locked.processes.get(process_id)
    if process is None:
        raise ProcessNotFound(f"There is no process {process_id}")
    return process, locked


def _cause_of(process: Process) -> Cause:
    """What an operator does belongs to the order's story: its correlation id goes on."""
    here = current_cause()
    return Cause(process.correlation_id, here.causation_id, process.traceparent)


def _trouble(process: Process) -> list[dict[str, Any]]:
    """The tasks that went wrong, and how."""
    return [
        {"task": node.key, "state": node.state, "error": node.error}
        for node in process.nodes.values()
        if node.error
    ]


def _shown(process: Process) -> dict[str, Any]:
    return {
        "id": process.id,
        "state": process.state,
        "outcome": process.ended,
        "correlationId": process.correlation_id,
        "customerId": process.customer_id,
        "cancelProductOrder": process.cancelling,
        "item": [_shown_item(item) for item in process.items.values()],
        "task": [_shown_node(process, node) for node in process.nodes.values()],
    }


def _shown_item(item: Item) -> dict[str, Any]:
    return {
        "id": item.id,
        "state": item.state,
        "reliesOn": item.relies_on,
        "error": item.error,
        "kept": item.kept,
    }


def _shown_node(process: Process, node: Node) -> dict[str, Any]:
    return {
        "key": node.key,
        "type": node.type,
        "item": node.item,
        "after": node.after,
        "pivot": node.pivot,
        "state": node.state,
        "taskId": process.task_id(node) if node.attempt else None,
        "attempts": node.attempt,
        "undoAttempts": node.undo_attempt,
        "sentAt": _moment(node.sent_at),
        "endedAt": _moment(node.ended_at),
        "dueAt": _moment(node.due) if node.awaited else None,
        "result": node.result,
        "error": node.error,
    }


def _moment(seconds: float | None) -> str | None:
    return timestamp(datetime.fromtimestamp(seconds, UTC)) if seconds is not None else None
