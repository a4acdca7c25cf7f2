"""The tasks of an order that concern assurance."""

from collections.abc import Sequence

from dualbus_events.handlers import Handlers
from dualbus_events.tasks import Task, TaskOutcome
from dualbus_events.unit_of_work import UnitOfWork

from assurance_svc.service_level_agreement import use_cases
from assurance_svc.service_level_agreement.orders import WatchOrder

handlers = Handlers()


@handlers.on_task("assurance.watch")
async def services_to_watch(tasks: Sequence[Task], uow: UnitOfWork) -> Sequence[TaskOutcome]:
    return await use_cases.watch_services([WatchOrder.of(task) for task in tasks], uow)


@handlers.on_task("assurance.unwatch")
async def services_to_unwatch(tasks: Sequence[Task], uow: UnitOfWork) -> Sequence[TaskOutcome]:
    return await use_cases.unwatch_services([WatchOrder.of(task) for task in tasks], uow)


@handlers.on_task("assurance.watch.undo", "assurance.unwatch.undo")
async def tasks_to_undo(tasks: Sequence[Task], uow: UnitOfWork) -> Sequence[TaskOutcome]:
    """An order either puts or ends agreements on a product: both are undone the same way."""
    return await use_cases.undo_watch([WatchOrder.of(task) for task in tasks], uow)
