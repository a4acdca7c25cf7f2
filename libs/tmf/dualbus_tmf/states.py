"""State machines as data: which states a resource starts in, and which moves are allowed."""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from functools import cached_property

from dualbus_kit.errors import Conflict


class IllegalStateMove(Conflict):
    code = "illegalStateMove"
    reason = "The resource can't move to this state"


@dataclass(frozen=True)
class StateMachine:
    """A table of moves; `name` is TM Forum's name of the resource."""

    name: str
    initial: Set[str]
    moves: Mapping[str, Set[str]]

    @cached_property
    def states(self) -> frozenset[str]:
        """Every state the table knows."""
        return frozenset(self.initial).union(self.moves, *self.moves.values())

    @cached_property
    def final(self) -> frozenset[str]:
        """States that nothing leaves."""
        return frozenset(state for state in self.states if not self.moves.get(state))

    def allows(self, current: str, target: str) -> bool:
        return target in self.moves.get(current, ())

    def check(self, current: str, target: str, *, resource_id: str | None = None) -> None:
        """Raise IllegalStateMove (409) unless the table has this move.

        Staying where it is is a move too, and only allowed where the table says so.
        """
        if not self.allows(current, target):
            which = f"{self.name} {resource_id}" if resource_id else self.name
            allowed = ", ".join(sorted(self.moves.get(current, ()))) or "nothing, it is final"
            raise IllegalStateMove(
                f"{which} can't move from {current} to {target}; allowed from there: {allowed}",
                extra={"from": current, "to": target},
            )

    def check_initial(self, state: str) -> None:
        """Raise IllegalStateMove unless a resource may be created in this state."""
        if state not in self.initial:
            allowed = ", ".join(sorted(self.initial))
            raise IllegalStateMove(
                f"{self.name} can't be created as {state}; allowed: {allowed}",
                extra={"from": None, "to": state},
            )


def mermaid(machine: StateMachine) -> str:
    """The machine as a mermaid `stateDiagram-v2`, for documents."""
    lines = ["stateDiagram-v2"]
    lines += [f"    [*] --> {state}" for state in sorted(machine.initial)]
    lines += [
        f"    {current} --> {target}"
        for current, targets in machine.moves.items()
        for target in sorted(targets)
    ]
    lines += [f"    {state} --> [*]" for state in sorted(machine.final)]
    return "\n".join(lines) + "\n"
