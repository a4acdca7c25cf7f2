"""Handlers: what other services' messages mean here. Always lists, one transaction per batch."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

from dualbus_events.document import Document
from dualbus_events.facts import EventType, Fact, FactTopic
from dualbus_events.messages import Envelope, fact_of, reply_of, task_of
from dualbus_events.participants import take_tasks
from dualbus_events.tasks import (
    Task,
    TaskOutcome,
    TaskReply,
    failed,
    participant_of,
    reply_topic,
    task_topic,
)
from dualbus_events.unit_of_work import UnitOfWork

D = TypeVar("D", bound=Document)
FactHandler = Callable[[Sequence[Fact[D]], UnitOfWork], Awaitable[None]]
TaskHandler = Callable[[Sequence[Task], UnitOfWork], Awaitable[Sequence[TaskOutcome | None]]]
ReplyHandler = Callable[[Sequence[TaskReply], UnitOfWork], Awaitable[None]]
BatchHandler = Callable[[Sequence[Envelope], UnitOfWork], Awaitable[None]]


class Handlers:
    """The handlers of one consumer, and from them the topics it subscribes to.

    A handler gets the messages of its kind in one batch, in the order of their partitions. What
    it raises rolls the batch back; Invalid, NotFound and Conflict park the keys concerned.
    """

    def __init__(self) -> None:
        self._facts: dict[tuple[str, str], list[BatchHandler]] = defaultdict(list)
        self._topics: dict[str, list[BatchHandler]] = defaultdict(list)
        self._tasks: dict[str, BatchHandler] = {}
        self._replies: dict[str, BatchHandler] = {}

    def on(self, *event_types: EventType[D]) -> Callable[[FactHandler[D]], FactHandler[D]]:
        """Handle facts of these event types."""

        def register(handler: FactHandler[D]) -> FactHandler[D]:
            for event_type in event_types:
                batch = _fact_batch(event_type.topic, handler)
                self._facts[event_type.topic.name, event_type.name].append(batch)
            return handler

        return register

    def on_topic(self, *topics: FactTopic[Any]) -> Callable[[FactHandler[Any]], FactHandler[Any]]:
        """Handle every fact of these topics, whatever its event type."""

        def register(handler: FactHandler[Any]) -> FactHandler[Any]:
            for topic in topics:
                self._topics[topic.name].append(_fact_batch(topic, handler))
            return handler

        return register

    def on_task(self, *task_types: str) -> Callable[[TaskHandler], TaskHandler]:
        """Do tasks of these types. Outcomes in the order of the tasks; None: answered later."""

        def register(handler: TaskHandler) -> TaskHandler:
            for task_type in task_types:
                self._tasks[task_type] = _task_batch(handler)
            return handler

        return register

    def on_replies(self, owner: str) -> Callable[[ReplyHandler], ReplyHandler]:
        """Take the replies to the tasks that `owner` sent."""

        def register(handler: ReplyHandler) -> ReplyHandler:
            async def batch(envelopes: Sequence[Envelope], uow: UnitOfWork) -> None:
                await handler([reply_of(envelope) for envelope in envelopes], uow)

            self._replies[reply_topic(owner)] = batch
            return handler

        return register

    def on_message(self, *topics: str) -> Callable[[BatchHandler], BatchHandler]:
        """Handle every message of these topics as it is: for views of the EAI bus itself."""

        def register(handler: BatchHandler) -> BatchHandler:
            for topic in topics:
                self._topics[topic].append(handler)
            return handler

        return register

    @property
    def topics(self) -> set[str]:
        """What the consumer subscribes to."""
        tasks = {task_topic(participant_of(task_type)) for task_type in self._tasks}
        return {topic for topic, _ in self._facts} | set(self._topics) | tasks | set(self._replies)

    @property
    def task_types(self) -> list[str]:
        """The types of the tasks that are done here."""
        return sorted(self._tasks)

    def event_types(self, topic: str) -> list[str] | None:
        """The event types of a topic that are handled here; None: all that come."""
        if topic in self._topics or topic in self._replies or topic.startswith("task."):
            return None
        return sorted(event_type for known, event_type in self._facts if known == topic)

    def handling(self, envelope: Envelope) -> tuple[BatchHandler, ...]:
        """The handlers of a message; none for an event type nobody here cares about."""
        topic = envelope.record.topic
        if topic in self._replies:
            return (self._replies[topic],)
        by_topic = tuple(self._topics.get(topic, ()))
        if topic.startswith("task.") and not by_topic:
            return (self._tasks.get(envelope.event_type, _unknown_task),)
        return by_topic + tuple(self._facts.get((topic, envelope.event_type), ()))


async def _unknown_task(envelopes: Sequence[Envelope], uow: UnitOfWork) -> None:
    """Answer at once, so that the process goes to fallout instead of waiting for a time-out."""
    tasks = [task_of(envelope) for envelope in envelopes]
    await take_tasks(uow, tasks, _refuse)


async def _refuse(tasks: Sequence[Task], _: UnitOfWork) -> Sequence[TaskOutcome]:
    return [failed("unknownTask", f"Nobody here does {task.type}") for task in tasks]


def _fact_batch(topic: FactTopic[Any], handler: FactHandler[Any]) -> BatchHandler:
    async def batch(envelopes: Sequence[Envelope], uow: UnitOfWork) -> None:
        await handler([fact_of(envelope, topic) for envelope in envelopes], uow)

    return batch


def _task_batch(handler: TaskHandler) -> BatchHandler:
    async def batch(envelopes: Sequence[Envelope], uow: UnitOfWork) -> None:
        await take_tasks(uow, [task_of(envelope) for envelope in envelopes], handler)

    return batch
