"""One entry per resource: how to create it. Everything else comes from its definition."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dualbus_events.tmforum.definition import ResourceDefinition, resource_definition
from dualbus_tmf.profiles import required_of
from dualbus_tmf.states import StateMachine

from tests.harness import Harness

Body = dict[str, Any]
Prepare = Callable[[Harness], Awaitable[Body]]


@dataclass(frozen=True)
class Case:
    """A resource under test.

    `body` is the least that a POST must bring. A body that needs something made first is given by
    `prepare`: what it answers is laid over `body`; with `prepare_each` it is made anew for every
    body, for what can be used once only. Where there is no POST, `seed` makes a resource by the
    service's own means and answers it as read. Of a collection inside another resource, `inside`
    makes that one and answers what is in the path, as `{"topicId": "7"}`. `fixed` names attributes
    that a rule of the resource decides, so that the full body leaves them out. `lacks` says of each
    operation of the definition that is not served, `beyond` of each that is though the definition
    does not have it, and `not_here` of each rule that does not hold, why: docs/apis prints it.
    `machine` has the moves of its state; `also_at` are second paths of it, where kits and
    definition differ.
    """

    api: str
    name: str
    body: Body = field(default_factory=dict)
    prepare: Prepare | None = None
    prepare_each: bool = False
    inside: Prepare | None = None
    seed: Prepare | None = None
    fixed: frozenset[str] = frozenset()
    lacks: Mapping[str, str] = field(default_factory=dict)
    beyond: Mapping[str, str] = field(default_factory=dict)
    not_here: Mapping[str, str] = field(default_factory=dict)
    required: Sequence[str] | None = None
    """Where it differs from the profile's, as dotted paths."""
    machine: StateMachine | None = None
    also_at: Sequence[str] = ()

    @property
    def definition(self) -> ResourceDefinition:
        return resource_definition(self.api, self.name)

    @property
    def operations(self) -> frozenset[str]:
        """Of list, retrieve, create, patch, delete: those that must be served."""
        return (self.definition.operations - self.lacks.keys()) | self.beyond.keys()

    @property
    def must_bring(self) -> Sequence[str]:
        return required_of(self.definition) if self.required is None else self.required
