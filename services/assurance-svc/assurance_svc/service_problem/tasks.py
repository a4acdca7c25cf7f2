"""What TMF656's tasks do to problems. Each raises ServiceProblemNotFound, and then does nothing."""

from typing import Any

from dualbus_events.contract import service_problem as contract
from dualbus_events.document import Reference
from dualbus_events.unit_of_work import UnitOfWork
from dualbus_kit.clock import timestamp_now
from dualbus_kit.errors import Conflict
from dualbus_tmf.declaration import DeclaredAggregate
from fastapi import APIRouter

from assurance_svc import tables
from assurance_svc.grouping import Grouping
from assurance_svc.service_problem.declarations import SERVICE_PROBLEM_RESOURCE
from assurance_svc.task_endpoints import task_router

_GROUPS = Grouping("service_problem", "parentProblem", lock=656656)


class ProblemGroupLoop(Conflict):
    code = "problemGroupLoop"
    reason = "A problem can't be above itself"


async def acknowledge(task: contract.ProblemAcknowledgement, uow: UnitOfWork) -> None:
    task.ack_problem = await _track(task.problem, "acknowledged", task.tracking_record, uow)


async def unacknowledge(task: contract.ProblemUnacknowledgement, uow: UnitOfWork) -> None:
    task.unack_problem = await _track(task.problem, "unacknowledged", task.tracking_record, uow)


async def group(task: contract.ProblemGroup, uow: UnitOfWork) -> None:
    """Raises ProblemGroupLoop too."""
    parent_id, child_ids = task.parent_problem.id, [one.id for one in task.child_problem]
    if above := await _GROUPS.above(parent_id, child_ids, uow):
        named = ", ".join(above)
        raise ProblemGroupLoop(f"Problem {parent_id} can't be above {named}, which is above it")
    problems = await _problems([parent_id, *child_ids], uow)
    parent, children = problems[parent_id], [problems[one] for one in dict.fromkeys(child_ids)]
    parent.patch({"underlyingProblem": _with(parent.document.underlying_problem, children)})
    for child in children:
        child.patch({"parentProblem": _with(child.document.parent_problem, [parent])})


async def ungroup(task: contract.ProblemUngroup, uow: UnitOfWork) -> None:
    parent_id, child_ids = task.parent_problem.id, [one.id for one in task.child_problem]
    problems = await _problems([parent_id, *child_ids], uow)
    parent = problems[parent_id]
    parent.patch({"underlyingProblem": _without(parent.document.underlying_problem, child_ids)})
    for child_id in dict.fromkeys(child_ids):
        child = problems[child_id]
        child.patch({"parentProblem": _without(child.document.parent_problem, [parent_id])})


async def _track(
    named: list[Reference], what: str, given: dict[str, Any] | None, uow: UnitOfWork
) -> list[Reference]:
    """Keep a record on each problem; answer references to them."""
    record = {"description": what, "time": timestamp_now(), **(given or {})}
    problems = await _problems([one.id for one in named], uow)
    for problem in problems.values():
        kept = problem.document.tracking_record or []
        problem.patch({"trackingRecord": [*kept, record]})
    return [_reference(problem) for problem in problems.values()]


async def _problems(ids: list[str], uow: UnitOfWork) -> dict[str, DeclaredAggregate]:
    wanted = list(dict.fromkeys(ids))
    loaded = await uow.load(SERVICE_PROBLEM_RESOURCE.repository, wanted)
    return {problem.id: problem for problem in loaded}


def _with(
    present: list[Reference] | None, more: list[DeclaredAggregate]
) -> list[dict[str, Any]] | None:
    kept = _without(present, [problem.id for problem in more]) or []
    return [*kept, *(_reference(problem).to_dict() for problem in more)]


def _without(present: list[Reference] | None, ids: list[str]) -> list[dict[str, Any]] | None:
    return [one.to_dict() for one in present or [] if one.id not in ids] or None


def _reference(problem: DeclaredAggregate) -> Reference:
    body = {"id": problem.id, "href": problem.document.href, "@referredType": "ServiceProblem"}
    return Reference.model_validate(body)


router = APIRouter()
for _topic, _table, _carry_out in (
    (contract.PROBLEM_ACKNOWLEDGEMENT, tables.problem_acknowledgement, acknowledge),
    (contract.PROBLEM_UNACKNOWLEDGEMENT, tables.problem_unacknowledgement, unacknowledge),
    (contract.PROBLEM_GROUP, tables.problem_group, group),
    (contract.PROBLEM_UNGROUP, tables.problem_ungroup, ungroup),
):
    router.include_router(task_router(_topic, _table, _carry_out))
