"""The participant `billing` of the EAI bus: its handlers, and how their payloads are read."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from dualbus_events.handlers import Handlers
from dualbus_events.tasks import Task, TaskOutcome, failed, rejected
from dualbus_kit.errors import DomainError
from dualbus_kit.problems import invalid_body
from pydantic import BaseModel, ValidationError

M = TypeVar("M", bound=BaseModel)
R = TypeVar("R")

HANDLERS = Handlers()
"""All tasks of billing arrive on one topic, so all their handlers are of one consumer."""


class ReadTasks(list[tuple[Task, M]]):
    """The tasks whose payload could be read, and the outcomes of those that could not."""

    def __init__(self, tasks: Sequence[Task], model: type[M]) -> None:
        super().__init__()
        self._tasks = tasks
        self._outcomes: dict[str, TaskOutcome] = {}
        for task in tasks:
            try:
                self.append((task, model.model_validate(task.payload)))
            except ValidationError as error:
                reason = str(invalid_body(error))
                self._outcomes[task.task_id] = failed("invalidPayload", reason)

    def answered(
        self, results: Sequence[R | DomainError], outcome: Callable[[R], TaskOutcome]
    ) -> list[TaskOutcome]:
        """One outcome per task, in order. An error among the results is a refusal of its task."""
        for (task, _), result in zip(self, results, strict=True):
            self._outcomes[task.task_id] = (
                rejected(result.code, str(result))
                if isinstance(result, DomainError)
                else outcome(result)
            )
        return [self._outcomes[task.task_id] for task in self._tasks]
