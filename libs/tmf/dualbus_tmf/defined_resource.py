"""A resource that is what TM Forum's definition says of it, in one declaration."""

from collections.abc import Callable, Mapping, Set
from typing import Any

from dualbus_events.facts import FactTopic
from dualbus_events.tmforum.definition import ResourceDefinition
from dualbus_kit.errors import NotFound
from sqlalchemy import Table

from dualbus_tmf.declaration import Default, Derive, StateRule
from dualbus_tmf.profiles import defaults_of, required_of
from dualbus_tmf.resource import ALL_OPERATIONS, Operation, Resource, declare
from dualbus_tmf.states import StateMachine

_WRITES: frozenset[Operation] = frozenset(("create", "patch", "delete"))
_TOUCHED = ("lastUpdate", "lastModified")


def related_customer(document: Any) -> str | None:
    """The id of the related party in the role of customer, of a document that may have some."""
    parties = document.to_dict().get("relatedParty") or []
    return next((p["id"] for p in parties if _is_customer(p)), None)


def _is_customer(party: Mapping[str, Any]) -> bool:
    return str(party.get("role")).casefold() == "customer" and "id" in party


def declare_defined(
    topic: FactTopic[Any],
    *,
    table: Table,
    machine: StateMachine | None = None,
    columns: Mapping[str, Callable[[Any], object]] | None = None,
    indexed: Mapping[str, str] | None = None,
    defaults: Mapping[str, Default] | None = None,
    derive: Derive = lambda _: {},
    unpatchable: Set[str] = frozenset(),
    operations: Set[Operation] | None = None,
    client_ids: bool = False,
    customer_of: Callable[[Any], str | None] = related_customer,
    check: Callable[[Any], None] = lambda _: None,
    not_found: type[NotFound] = NotFound,
) -> Resource:
    """`declare` with everything that TM Forum's definition and profile say.

    From them come path, operations, events, what a POST must bring and what the server sets; the
    document of `topic` must be a `@defined` one. `machine` governs the attribute that holds the
    state; with one initial state, that is the default. `defaults` are added to the profile's. The
    rest is as `declare` has it.
    """
    definition: ResourceDefinition = topic.document.definition
    first = {}
    if machine and definition.state_attribute and len(machine.initial) == 1:
        first = {definition.state_attribute: next(iter(machine.initial))}
    return declare(
        topic,
        path=definition.path,
        table=table,
        create=_event(topic, "create"),
        change=_event(topic, "change"),
        delete=_event(topic, "delete"),
        state=_state_rule(topic, machine),
        columns=columns,
        indexed=indexed,
        required=required_of(definition),
        defaults={**defaults_of(definition), **first, **(defaults or {})},
        derive=derive,
        touched=next((name for name in _TOUCHED if name in definition.attributes), None),
        unpatchable=unpatchable,
        operations=operations_of(definition) if operations is None else operations,
        client_ids=client_ids,
        customer_of=customer_of,
        check=check,
        not_found=not_found,
    )


def operations_of(definition: ResourceDefinition) -> frozenset[Operation]:
    """What the definition lets a client do."""
    writes = {name for name in _WRITES if name in definition.operations}
    return ALL_OPERATIONS & {"read", *writes}


def _event(topic: FactTopic[Any], kind: str) -> Any:
    return topic.event(topic.document.definition.events[kind])


def _state_rule(topic: FactTopic[Any], machine: StateMachine | None) -> StateRule | None:
    attribute = topic.document.definition.state_attribute
    return StateRule(attribute, machine, _event(topic, "state")) if attribute else None
