"""The tasks of participant `provisioning`."""

from collections.abc import Sequence

from dualbus_events.handlers import Handlers
from dualbus_events.tasks import Task, TaskOutcome
from dualbus_events.unit_of_work import UnitOfWork

from provisioning_svc.activation.activate import activate_products
from provisioning_svc.activation.cease import cease_products
from provisioning_svc.activation.undo import undo_activations, undo_cessations

handlers = Handlers()


@handlers.on_task("provisioning.activate")
async def activate(tasks: Sequence[Task], uow: UnitOfWork) -> Sequence[TaskOutcome | None]:
    return await activate_products(tasks, uow)


@handlers.on_task("provisioning.activate.undo")
async def undo_activate(tasks: Sequence[Task], uow: UnitOfWork) -> Sequence[TaskOutcome | None]:
    return await undo_activations(tasks, uow)


@handlers.on_task("provisioning.cease")
async def cease(tasks: Sequence[Task], uow: UnitOfWork) -> Sequence[TaskOutcome | None]:
    return await cease_products(tasks, uow)


@handlers.on_task("provisioning.cease.undo")
async def undo_cease(tasks: Sequence[Task], uow: UnitOfWork) -> Sequence[TaskOutcome | None]:
    return await undo_cessations(tasks, uow)
