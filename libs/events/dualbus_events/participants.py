"""Participants: a task is done once, however often it arrives, and answered the same each time."""

from collections.abc import Awaitable, Callable, Mapping, Sequence

import orjson
from dualbus_kit.causation import Cause
from dualbus_kit.database import Connection

from dualbus_events.outbox import ReplyAddress, reply_message
from dualbus_events.tasks import Task, TaskError, TaskOutcome, failed
from dualbus_events.unit_of_work import UnitOfWork
from dualbus_events.writes import Write

_TAKE = """
INSERT INTO participant_task (task_id, task_type, process_id, reply_to, customer_id,
                              correlation_id, causation_id, traceparent)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[],
                     $7::text[], $8::text[])
ON CONFLICT DO NOTHING RETURNING task_id
"""
_FORESTALL = """
INSERT INTO participant_task (task_id, task_type, process_id, reply_to, customer_id,
                              correlation_id, outcome)
SELECT *, $7 FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[])
ON CONFLICT DO NOTHING RETURNING task_id
"""
_ANSWER = """
UPDATE participant_task t SET outcome = a.outcome
FROM unnest($1::text[], $2::bytea[]) a(task_id, outcome)
WHERE t.task_id = a.task_id AND t.outcome IS NULL
RETURNING t.task_id, t.task_type, t.process_id, t.reply_to, t.customer_id, t.correlation_id,
          t.causation_id, t.traceparent
"""
_STORE_ANSWERS = """
UPDATE participant_task t SET outcome = a.outcome
FROM unnest($1::text[], $2::bytea[]) a(task_id, outcome)
WHERE t.task_id = a.task_id AND t.outcome IS NULL AND :earlier
"""
_ANSWERED = """
SELECT task_id, outcome FROM participant_task WHERE task_id = ANY($1) AND outcome IS NOT NULL
"""


async def take_tasks(
    uow: UnitOfWork,
    tasks: Sequence[Task],
    do: Callable[[Sequence[Task], UnitOfWork], Awaitable[Sequence[TaskOutcome | None]]],
) -> None:
    """Do those that are new here; answer again those that were answered before.

    A task that is still in work is left alone: its answer comes when it is done.
    """
    by_id = {task.task_id: task for task in tasks}
    new_ids = await _take(uow.connection, list(by_id.values()))
    new = [task for task in by_id.values() if task.task_id in new_ids]
    if new:
        outcomes = await do(new, uow)
        answers = zip(new, outcomes, strict=True)
        _answer_now(uow, [(task, outcome) for task, outcome in answers if outcome is not None])
    again = [task for task_id, task in by_id.items() if task_id not in new_ids]
    if again:
        await _answer_again(uow, again)


def _answer_now(uow: UnitOfWork, answers: Sequence[tuple[Task, TaskOutcome]]) -> None:
    """Answer tasks that this unit of work has taken: all of it is known, nothing need be read."""
    if not answers:
        return
    stored = [_to_bytes(outcome) for _, outcome in answers]
    ids = [task.task_id for task, _ in answers]
    uow.write(Write(_STORE_ANSWERS, (ids, stored), len(ids), _answered_twice))
    for task, outcome in answers:
        uow.send(reply_message(uow.source, _address(task), outcome))


def _answered_twice() -> Exception:
    return RuntimeError("a participant answered a task itself and returned an outcome for it too")


async def answer_tasks(uow: UnitOfWork, outcomes: Mapping[str, TaskOutcome]) -> None:
    """Answer tasks by id, in this transaction. A task is answered once; later calls do nothing."""
    if not outcomes:
        return
    rows = await uow.connection.fetch(
        _ANSWER, list(outcomes), [_to_bytes(outcome) for outcome in outcomes.values()]
    )
    for row in rows:
        address = ReplyAddress(
            task_id=row["task_id"],
            task_type=row["task_type"],
            process_id=row["process_id"],
            reply_to=row["reply_to"],
            customer_id=row["customer_id"],
            cause=Cause(row["correlation_id"], row["causation_id"], row["traceparent"]),
        )
        uow.send(reply_message(uow.source, address, outcomes[row["task_id"]]))


async def forestall_tasks(uow: UnitOfWork, undos: Sequence[Task]) -> set[str]:
    """Of the tasks that these undo, the ids of those that never came here.

    There is nothing to undo for them; should one come after all, it is answered `failed` with
    code `undone` and not done.
    """
    undone = _to_bytes(failed("undone", "The task was undone before it came"))
    rows = await uow.connection.fetch(
        _FORESTALL,
        [str(undo.payload["undoes"]) for undo in undos],
        [undo.type.removesuffix(".undo") for undo in undos],
        [undo.process_id for undo in undos],
        [undo.reply_to for undo in undos],
        [undo.customer_id for undo in undos],
        [undo.cause.correlation_id for undo in undos],
        undone,
    )
    return {row["task_id"] for row in rows}


async def _take(connection: Connection, tasks: Sequence[Task]) -> set[str]:
    rows = await connection.fetch(
        _TAKE,
        [task.task_id for task in tasks],
        [task.type for task in tasks],
        [task.process_id for task in tasks],
        [task.reply_to for task in tasks],
        [task.customer_id for task in tasks],
        [task.cause.correlation_id for task in tasks],
        [task.cause.causation_id for task in tasks],
        [task.cause.traceparent for task in tasks],
    )
    return {row["task_id"] for row in rows}


async def _answer_again(uow: UnitOfWork, tasks: Sequence[Task]) -> None:
    by_id = {task.task_id: task for task in tasks}
    for row in await uow.connection.fetch(_ANSWERED, list(by_id)):
        address = _address(by_id[row["task_id"]])
        uow.send(reply_message(uow.source, address, _from_bytes(row["outcome"])))


def _address(task: Task) -> ReplyAddress:
    return ReplyAddress(
        task_id=task.task_id,
        task_type=task.type,
        process_id=task.process_id,
        reply_to=task.reply_to,
        customer_id=task.customer_id,
        cause=task.cause,
    )


def _to_bytes(outcome: TaskOutcome) -> bytes:
    error = outcome.error.to_dict() if outcome.error else None
    return orjson.dumps({"outcome": outcome.outcome, "result": outcome.result, "error": error})


def _from_bytes(stored: bytes) -> TaskOutcome:
    body = orjson.loads(stored)
    error = body["error"]
    return TaskOutcome(
        body["outcome"], body["result"], TaskError.from_dict(error) if error else None
    )
