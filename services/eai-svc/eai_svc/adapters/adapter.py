"""What an adapter is: an outside system as a participant of the EAI bus."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dualbus_events import calls
from dualbus_events.calls import Answer, Call, NewCall, write_calls
from dualbus_events.handlers import Handlers
from dualbus_events.participants import answer_tasks, forestall_tasks
from dualbus_events.service import CallSpec
from dualbus_events.tasks import Task, TaskOutcome, done, failed
from dualbus_events.unit_of_work import UnitOfWork
from dualbus_kit.causation import caused_by
from dualbus_kit.errors import Invalid
from dualbus_kit.settings import ServiceSettings

from eai_svc.settings import EaiSettings

Wanted = Mapping[str, Any]
"""What to ask the outside system for, in the adapter's own terms: JSON, kept with the call."""


class UnmappableTask(Invalid):
    """The task lacks something that the outside system needs; the message says what."""

    code = "unmappableTask"
    reason = "The task can't be put in the outside system's terms"


@dataclass(frozen=True)
class WorthAnotherTry:
    """The outside system could not be asked, or asks for patience."""

    code: str
    message: str


Result = TaskOutcome | WorthAnotherTry
Ask = Callable[[Sequence[tuple[str, Wanted]]], Awaitable[Sequence[Result]]]
"""Asks the outside system for a batch of (call id, what is wanted). Results in their order; never
raises for one's sake. A call may be asked again under its id, with the same effect."""


@dataclass(frozen=True)
class Adapter:
    """One outside system. `participant` is the word before the dot of its task types.

    `tasks` maps each task type it does, undoings too, to a pure function that says what to ask
    for, or raises UnmappableTask. `connect` makes the asking from the settings.
    """

    participant: str
    tasks: Mapping[str, Callable[[Task], Wanted]]
    connect: Callable[[EaiSettings], Ask] = field(repr=False)

    def register(self, handlers: Handlers) -> None:
        """Take this participant's tasks: each becomes a call that is made after the commit."""

        @handlers.on_task(*self.tasks)
        async def take(tasks: Sequence[Task], uow: UnitOfWork) -> Sequence[TaskOutcome | None]:
            undos = [task for task in tasks if task.type.endswith(".undo")]
            never_came = await forestall_tasks(uow, undos) if undos else set()
            planned = [self._plan(task, never_came) for task in tasks]
            await write_calls(uow, [plan for plan in planned if isinstance(plan, NewCall)])
            return [None if isinstance(plan, NewCall) else plan for plan in planned]

    def _plan(self, task: Task, never_came: set[str]) -> NewCall | TaskOutcome:
        undoes = task.payload.get("undoes") if task.type.endswith(".undo") else None
        if undoes in never_came:
            return done()
        try:
            wanted, product_id = self.tasks[task.type](task), product_of(task)
        except UnmappableTask as error:
            # What could not be asked for was not done either.
            return done() if undoes else failed(error.code, str(error))
        with caused_by(task.cause):
            # Calls of one product are made one after the other: an undo follows its do.
            return NewCall(self.participant, product_id, task.task_id, {"wanted": wanted})

    @property
    def call_spec(self) -> CallSpec:
        """The queue of this adapter's calls."""
        return CallSpec(self.participant, self._performer, answer_calls)

    def _performer(self, settings: ServiceSettings) -> calls.Perform:
        if not isinstance(settings, EaiSettings):
            raise TypeError("eai-svc runs with EaiSettings")
        return perform_with(self.connect(settings), attempts=settings.attempts)


def perform_with(ask: Ask, *, attempts: int) -> calls.Perform:
    """Ask for a batch of calls; what is worth another try gets `attempts` of them."""

    async def perform(batch: Sequence[Call]) -> Sequence[Answer]:
        results = await ask([(call.call_id, call.request["wanted"]) for call in batch])
        return [
            _answer(call, result, attempts) for call, result in zip(batch, results, strict=True)
        ]

    return perform


def product_of(task: Task) -> str:
    """The product an item's task is about. Raises UnmappableTask."""
    try:
        return str(task.payload["item"]["product"]["id"])
    except (KeyError, TypeError) as error:
        raise UnmappableTask("item.product.id is missing") from error


def _answer(call: Call, result: Result, attempts: int) -> Answer:
    if isinstance(result, WorthAnotherTry):
        if call.attempts < attempts:
            return Answer({}, again=True)
        result = failed(result.code, result.message)
    return Answer({"outcome": result})


async def answer_calls(answered: Sequence[tuple[Call, Answer]], uow: UnitOfWork) -> None:
    """The answers are the tasks' outcomes already."""
    await answer_tasks(uow, {call.call_id: answer.body["outcome"] for call, answer in answered})
