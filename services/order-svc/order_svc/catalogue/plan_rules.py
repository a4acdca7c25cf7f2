"""What makes a fulfilment plan one that can be carried out. Every error names the task."""

import re
from collections.abc import Mapping
from graphlib import CycleError, TopologicalSorter

from dualbus_events.contract.catalog import FulfilmentPlan, PlanTask
from dualbus_kit.errors import Invalid

_TYPE = re.compile(r"[a-z][A-Za-z0-9]*\.[a-z][A-Za-z0-9]*")
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class InvalidFulfilmentPlan(Invalid):
    code = "invalidFulfilmentPlan"
    reason = "The fulfilment plan can't be carried out"


def check_plan(plan: FulfilmentPlan) -> None:
    """Raise InvalidFulfilmentPlan unless the tasks form a graph that ends.

    Order-scoped tasks are done once for all items, so they go by their type and may not wait for
    what is done per item. Two pivots must stand one after the other: past the first one there is
    no way back, and a parallel one would still have to be undone.
    """
    tasks: dict[str, PlanTask] = {}
    for task in plan.task:
        if task.id in tasks:
            raise InvalidFulfilmentPlan(f"task {task.id}: the id is used twice")
        tasks[task.id] = task
    for task in plan.task:
        _check_task(task, tasks)
    _check_acyclic(tasks)
    _check_pivots(tasks)


def _check_task(task: PlanTask, tasks: Mapping[str, PlanTask]) -> None:
    def refuse(why: str) -> None:
        raise InvalidFulfilmentPlan(f"task {task.id}: {why}")

    if not _ID.fullmatch(task.id):
        refuse("the id must be letters, digits and . _ -, up to 64")
    if not _TYPE.fullmatch(task.type):
        refuse(f"type {task.type!r} is not <participant>.<verb>")
    for other in task.after:
        if other not in tasks:
            refuse(f"after names {other!r}, which is no task of this plan")
        if task.scope == "order" and tasks[other].scope == "item":
            refuse(f"is done once per order and can't wait for {other}, which is done per item")
    if task.scope == "order":
        _check_order_scoped(task)
    if task.timeout_seconds <= 0 or task.max_attempts < 1:
        refuse("timeoutSeconds must be more than 0, maxAttempts 1 or more")


def _check_order_scoped(task: PlanTask) -> None:
    if task.id != task.type:
        raise InvalidFulfilmentPlan(
            f"task {task.id}: is done once per order, so its id must be its type, {task.type}"
        )
    if task.pivot:
        raise InvalidFulfilmentPlan(
            f"task {task.id}: is done once per order and can't be the pivot of an item"
        )


def _check_acyclic(tasks: Mapping[str, PlanTask]) -> None:
    try:
        TopologicalSorter({task.id: task.after for task in tasks.values()}).prepare()
    except CycleError as error:
        circle = " → ".join(reversed(error.args[1]))
        raise InvalidFulfilmentPlan(
            f"task {error.args[1][0]}: waits for itself: {circle}"
        ) from error


def _check_pivots(tasks: Mapping[str, PlanTask]) -> None:
    pivots = [task.id for task in tasks.values() if task.pivot]
    for position, one in enumerate(pivots):
        for other in pivots[position + 1 :]:
            if one not in _ancestors(tasks, other) and other not in _ancestors(tasks, one):
                raise InvalidFulfilmentPlan(
                    f"task {other}: is a pivot beside {one}; one must come after the other"
                )


def _ancestors(tasks: Mapping[str, PlanTask], task_id: str) -> set[str]:
    found: set[str] = set()
    open_ids = list(tasks[task_id].after)
    while open_ids:
        current = open_ids.pop()
        if current not in found:
            found.add(current)
            open_ids.extend(tasks[current].after)
    return found
