"""A process: one order's tasks as a graph, and how far each of them is. Plain data, no IO."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

NodeState = Literal[
    "waiting", "sent", "pausing", "done", "refused", "failed",
    "undoing", "undoPausing", "undone", "skipped",
]  # fmt: skip
"""waiting: for what stands before it; sent: for its reply; pausing: for its next attempt;
refused: the participant said no; failed: for good; undoing, undoPausing: the same as sent and
pausing on the way back; undone; skipped: was never sent and never will be."""

ItemProgress = Literal["open", "fallout", "compensating", "completed", "failed"]
FinalState = Literal["completed", "failed", "partial", "cancelled"]

# What leaves nothing behind at the participant.
SETTLED: frozenset[NodeState] = frozenset(("undone", "skipped", "refused"))
_AWAITED: frozenset[NodeState] = frozenset(("sent", "pausing", "undoing", "undoPausing"))


@dataclass(slots=True)
class Node:
    """One task of the process. Moments are seconds since 1970 by the database's clock."""

    key: str
    """The type for what is done once per order, `<item id>/<plan's task id>` for the rest."""
    type: str
    item: str | None = None
    after: tuple[str, ...] = ()
    pivot: bool = False
    undo: bool = True
    on_failure: Literal["compensate", "fallout"] = "compensate"
    timeout: float = 30
    max_attempts: int = 3
    state: NodeState = "waiting"
    round: int = 1
    """Counts task ids: a participant answers an id it knows with its stored answer, so a failure
    is tried again under a new id, a lost or late answer under the same."""
    attempt: int = 0
    due: float | None = None
    sent_at: float | None = None
    ended_at: float | None = None
    result: dict[str, Any] | None = None
    error: dict[str, Any] | None = None
    undo_round: int = 1
    undo_attempt: int = 0

    @property
    def name(self) -> str:
        """The plan's id of the task: what its result is called in later tasks' payloads."""
        return self.key.rpartition("/")[2]

    @property
    def awaited(self) -> bool:
        """Whether the process waits for an answer or a moment because of this task."""
        return self.state in _AWAITED


@dataclass(slots=True)
class Item:
    """One order item's way through its plan."""

    id: str
    relies_on: tuple[str, ...] = ()
    shared: tuple[str, ...] = ()
    """Keys of the tasks that are done once for the order and that this item's plan has."""
    state: ItemProgress = "open"
    error: dict[str, Any] | None = None
    kept: bool = False
    """Given up past its pivot: what was done for it stays."""


@dataclass(frozen=True, slots=True)
class Send:
    """A task, or its undo, to be sent with the commit."""

    node: Node
    undo: bool = False


@dataclass
class Process:
    """The process of one product order; its id is the order's."""

    id: str
    items: dict[str, Item]
    nodes: dict[str, Node]
    correlation_id: str = ""
    traceparent: str | None = None
    customer_id: str | None = None
    start_at: float | None = None
    """Nothing is sent before, when the order asks for a later start."""
    answered: bool = False
    """Whether any participant has replied yet."""
    cancelling: str | None = None
    """The id of the cancelProductOrder that was accepted."""
    ended: FinalState | None = None
    timer_at: float | None = None
    version: int = 0
    sends: list[Send] = field(default_factory=list)
    _of_item: dict[str, list[Node]] | None = None
    _by_task_id: dict[str, tuple[Node, bool]] | None = None

    def task_id(self, node: Node) -> str:
        """The id of a task: the same for every attempt that may still be answered."""
        return f"{self.id}:{node.key}:{node.round}"

    def undo_id(self, node: Node) -> str:
        return f"{self.task_id(node)}:undo:{node.undo_round}"

    def nodes_of(self, item: Item) -> list[Node]:
        """The tasks of this item alone."""
        if self._of_item is None:
            self._of_item = {id_: [] for id_ in self.items}
            for node in self.nodes.values():
                if node.item is not None:
                    self._of_item[node.item].append(node)
        return self._of_item[item.id]

    def shared_nodes(self) -> Iterator[Node]:
        """The tasks that are done once per order."""
        return (node for node in self.nodes.values() if node.item is None)

    def users_of(self, node: Node) -> list[Item]:
        """The items that need this task."""
        if node.item is not None:
            return [self.items[node.item]]
        return [item for item in self.items.values() if node.key in item.shared]

    def past_pivot(self, item: Item) -> bool:
        """Whether this item can only go forward."""
        return any(node.pivot and node.state == "done" for node in self.nodes_of(item))

    def asked(self, task_id: str) -> tuple[Node, bool] | None:
        """Which task, or undo (True), this id belongs to; None when it is no longer asked for."""
        if self._by_task_id is None:
            self._by_task_id = {self.task_id(node): (node, False) for node in self.nodes.values()}
            for node in self.nodes.values():
                if node.undo_attempt:
                    self._by_task_id[self.undo_id(node)] = (node, True)
        found = self._by_task_id.get(task_id)
        if found is None:
            return None
        node, undo = found
        current = self.undo_id(node) if undo else self.task_id(node)
        return found if current == task_id else None

    @property
    def next_due(self) -> float | None:
        """When the process must be looked at though nobody answered."""
        moments = [node.due for node in self.nodes.values() if node.awaited and node.due]
        if self.start_at is not None and self.ended is None:
            moments.append(self.start_at)
        return min(moments, default=None)

    @property
    def undo_in_trouble(self) -> bool:
        return any(n.error and n.state in ("undoing", "undoPausing") for n in self.nodes.values())

    @property
    def state(self) -> Literal["running", "compensating", "fallout", "ended"]:
        """What an operator sees; `fallout` waits for a person."""
        if self.ended:
            return "ended"
        states = {item.state for item in self.items.values()}
        if "fallout" in states or self.undo_in_trouble:
            return "fallout"
        return "compensating" if self.cancelling or "compensating" in states else "running"
