"""What replies and timers mean: processes go on, a whole batch in one transaction."""

from collections.abc import Sequence

from dualbus_events.handlers import Handlers
from dualbus_events.tasks import TaskReply
from dualbus_events.unit_of_work import UnitOfWork
from dualbus_kit.causation import Cause
from dualbus_kit.turns import in_turns

from order_svc.process import engine
from order_svc.process.progress import TIMER, Stepped, save_steps
from order_svc.process.store import lock_due_processes, lock_processes
from order_svc.process.view import order_view

handlers = Handlers()
_HELD_BY_OTHERS_SECONDS = 0.25


@handlers.on_replies("order")
async def tasks_answered(replies: Sequence[TaskReply], uow: UnitOfWork) -> None:
    """Take all replies of a batch, then let every process concerned go on once."""
    ids = list(dict.fromkeys(reply.process_id for reply in replies))
    locked = await lock_processes(uow.connection, ids)
    going_on = {id_: p for id_, p in locked.processes.items() if not p.ended}
    before = {id_: order_view(process) for id_, process in going_on.items()}
    causes: dict[str, Cause] = {}
    async for reply in in_turns(replies):
        process = going_on.get(reply.process_id)
        if process is None:
            continue
        causes[process.id] = reply.cause
        engine.take_reply(
            process,
            reply.task_id,
            outcome=reply.outcome,
            result=reply.result,
            error=reply.error.to_dict() if reply.error else None,
            now=locked.now,
        )
    steps = [Stepped(process, before[id_], causes[id_]) for id_, process in going_on.items()]
    async for step in in_turns(steps):
        engine.advance(step.process, locked.now)
    await save_steps(uow, steps, locked)


async def timers_fired(process_ids: Sequence[str], uow: UnitOfWork) -> None:
    """Ask again where an answer is overdue; whoever has ended is left alone."""
    locked, held = await lock_due_processes(uow.connection, process_ids)
    uow.set_timers(TIMER, dict.fromkeys(held, _HELD_BY_OTHERS_SECONDS))
    steps = []
    for process in locked.processes.values():
        cause = Cause(process.correlation_id, None, process.traceparent)
        steps.append(Stepped(process, order_view(process), cause))
        engine.take_time(process, locked.now)
    await save_steps(uow, steps, locked)
