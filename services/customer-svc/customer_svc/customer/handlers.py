"""What the process manager asks about customers."""

from collections.abc import Sequence

from dualbus_events.handlers import Handlers
from dualbus_events.tasks import Task, TaskOutcome, done
from dualbus_events.unit_of_work import UnitOfWork

from customer_svc.customer.use_cases import verify_customers

handlers = Handlers()


@handlers.on_task("customer.verify")
async def customers_to_verify(tasks: Sequence[Task], uow: UnitOfWork) -> Sequence[TaskOutcome]:
    return await verify_customers(
        [str(task.payload.get("customerId") or "") for task in tasks], uow
    )


@handlers.on_task("customer.verify.undo")
async def verifications_undone(tasks: Sequence[Task], _: UnitOfWork) -> Sequence[TaskOutcome]:
    """Verifying left nothing behind."""
    return [done() for _ in tasks]
