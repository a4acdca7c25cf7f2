"""From an order's items and their plans to one graph of tasks. No IO."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from dualbus_events.contract.catalog import FulfilmentPlan, PlanTask

from order_svc.process.errors import PlansContradict
from order_svc.process.graph import Item, Node, Process


@dataclass(frozen=True, slots=True)
class PlannedItem:
    """An order item and the plan that fulfils it; without a plan it is complete at once."""

    id: str
    plan: FulfilmentPlan | None
    relies_on: tuple[str, ...] = ()


def planned_process(order_id: str, planned: Sequence[PlannedItem]) -> Process:
    """One graph: tasks of scope `order` once for all items, the others once per item.

    The graph is fixed here: a plan that changes later changes no order that was taken before.
    Raises PlansContradict when plans of one order want the same tasks in opposite orders.
    """
    items: dict[str, Item] = {}
    nodes: dict[str, Node] = {}
    for one in planned:
        tasks = one.plan.task if one.plan else []
        shared = {task.id for task in tasks if task.scope == "order"}
        items[one.id] = Item(one.id, relies_on=one.relies_on, shared=tuple(sorted(shared)))
        for task in tasks:
            key = task.type if task.id in shared else f"{one.id}/{task.id}"
            after = tuple(k if k in shared else f"{one.id}/{k}" for k in task.after)
            if key in nodes:
                nodes[key].after = tuple(dict.fromkeys((*nodes[key].after, *after)))
            else:
                nodes[key] = _node(key, task, item=None if task.id in shared else one.id)
                nodes[key].after = after
    # One plan alone was checked when it was stored; several share tasks.
    if len({one.plan.id for one in planned if one.plan}) > 1:
        _check_acyclic(nodes)
    return Process(order_id, items, nodes)


def _check_acyclic(nodes: Mapping[str, Node]) -> None:
    try:
        TopologicalSorter({node.key: node.after for node in nodes.values()}).prepare()
    except CycleError as error:
        raise PlansContradict(f"Tasks wait for each other: {', '.join(error.args[1])}") from error


def _node(key: str, task: PlanTask, *, item: str | None) -> Node:
    return Node(
        key=key,
        type=task.type,
        item=item,
        pivot=task.pivot,
        undo=task.undo,
        on_failure=task.on_failure,
        timeout=task.timeout_seconds,
        max_attempts=task.max_attempts,
    )
