"""What a declaration says, and the aggregate that does no more than it says."""

import re
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any, ClassVar

from dualbus_events.aggregate import Aggregate
from dualbus_events.document import Document
from dualbus_events.facts import EventType, FactTopic
from dualbus_kit.clock import timestamp_now
from dualbus_kit.ids import new_id

from dualbus_tmf.bodies import InvalidBody, validated
from dualbus_tmf.hrefs import Addressed, href_of
from dualbus_tmf.states import StateMachine
from dualbus_tmf.writing import merge_patch

Default = str | bool | int | Callable[[], object]
"""A value, or what makes one for each resource."""

Derive = Callable[[Mapping[str, Any]], Mapping[str, object]]
"""From a body to what is set where it leaves it out."""

CATALOG_DEFAULTS: Mapping[str, Default] = {
    "lifecycleStatus": "In Study",
    "lastUpdate": timestamp_now,
    "isBundle": False,
}
"""What TMF620, TMF633 and TMF634 have the server set; In Study is where TMF620's life begins."""

_CLIENT_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._~-]{0,127}")


@dataclass(frozen=True)
class StateRule:
    """The attribute that holds a resource's state, its moves, and the event of a move.

    Without a machine every move is allowed: TM Forum draws none, and what the values are is up to
    whoever uses the resource.
    """

    attribute: str
    machine: StateMachine | None
    event: EventType[Any]

    def check_initial(self, state: object) -> None:
        """Raise IllegalStateMove (409) unless a resource may be created in this state."""
        if self.machine:
            self.machine.check_initial(str(state))

    def moved_now(self, document: Document) -> Mapping[str, str]:
        """`{"statusChangeDate": now}` where the resource's definition has it."""
        name = f"{self.attribute}ChangeDate"
        known = document.definition is not None and name in document.definition.attributes
        return {name: timestamp_now()} if known else {}

    def check(self, current: object, target: object, *, resource_id: str) -> None:
        """Raise IllegalStateMove (409) unless the machine has this move."""
        if self.machine:
            self.machine.check(str(current), str(target), resource_id=resource_id)


@dataclass(frozen=True)
class Declaration:
    """What `declare` was told; see there."""

    topic: FactTopic[Any]
    create: EventType[Any]
    change: EventType[Any] | None
    delete: EventType[Any] | None
    path: str
    state: StateRule | None
    required: Sequence[str]
    defaults: Mapping[str, Default]
    touched: str | None
    unpatchable: Set[str]
    client_ids: bool
    check: Callable[[Any], None]
    derive: Derive = lambda _: {}

    @property
    def document(self) -> type[Document]:
        return self.topic.document


class DeclaredAggregate(Aggregate[Any]):
    """A resource that may change in any way its document and its state machine allow."""

    declaration: ClassVar[Declaration]
    customer: ClassVar[Callable[[Any], str | None]]

    @property
    def customer_id(self) -> str | None:
        return type(self).customer(self.document)

    def patch(self, patch: Mapping[str, Any]) -> None:
        """Merge the patch; a move of the state is checked and recorded as such.

        A null can't remove what a POST must bring (InvalidBody, naming it), and what the server
        sets is set again. A patch that changes nothing records nothing.
        """
        rule, event = self.declaration.state, self.declaration.change
        before = self.document.to_dict()
        patch = {**patch, **_set_again(self.declaration, patch, before)}
        document = merge_patch(self.document, patch, unpatchable=self.declaration.unpatchable)
        after = document.to_dict()
        if after == before:
            return
        check_kept(before, after, self.declaration.required)
        self.declaration.check(document)
        if rule and before.get(rule.attribute) != after.get(rule.attribute):
            current, target = before.get(rule.attribute), after.get(rule.attribute)
            rule.check(current, target, resource_id=self.id)
            event = rule.event
            after |= rule.moved_now(document)
        if event is None:
            raise InvalidBody(f"Only {rule.attribute if rule else 'nothing'} can be changed")
        touched = self.declaration.touched
        if touched:
            after |= {touched: timestamp_now()}
        self.document = validated(type(document), after)
        self.record(event)


def new_document(
    declaration: Declaration, body: Mapping[str, Any], addressed: Addressed
) -> Document:
    """The document a POST creates. Raises InvalidBody, naming every required attribute missed."""
    check_required(body, declaration.required)
    resource_id = _id_of(declaration, body)
    given = {name: value for name, value in body.items() if value is not None}
    document = validated(
        declaration.document,
        {
            "@type": declaration.document.__name__,
            **{name: _value(default) for name, default in declaration.defaults.items()},
            **declaration.derive(given),
            **given,
            "id": resource_id,
            "href": href_of(addressed, declaration.path, resource_id),
        },
    )
    rule = declaration.state
    if rule:
        rule.check_initial(document.to_dict().get(rule.attribute))
    declaration.check(document)
    return document


def check_required(body: Mapping[str, Any], required: Sequence[str]) -> None:
    """Raise InvalidBody, naming every one of these dotted paths that the body lacks."""
    missing = [name for name in required if is_missing(body, name.split("."))]
    if missing:
        raise InvalidBody(
            f"{', '.join(missing)}: required", extra={"errors": [_required(m) for m in missing]}
        )


def check_kept(
    before: Mapping[str, Any], after: Mapping[str, Any], required: Sequence[str]
) -> None:
    """Raise InvalidBody, naming what a POST must bring and a patch would take away."""
    check_required(after, [name for name in required if not is_missing(before, name.split("."))])


def is_missing(body: object, path: Sequence[str]) -> bool:
    """Whether an attribute is absent or null; through arrays, whether any element lacks it.

    `["quoteItem", "action"]` of an empty `quoteItem` is missing too.
    """
    if not path:
        return body is None
    if isinstance(body, list):
        return not body or any(is_missing(element, path) for element in body)
    return not isinstance(body, Mapping) or is_missing(body.get(path[0]), path[1:])


def checked_id(given: object, where: str) -> str:
    """An id that a client gives to something new. Raises InvalidBody, naming `where` it stands."""
    if not isinstance(given, str) or not _CLIENT_ID.fullmatch(given):
        raise InvalidBody(
            f"{where}: {given!r} must be a text of letters, digits and . _ ~ -, up to 128"
        )
    return given


def _required(name: str) -> dict[str, str]:
    return {"field": name, "message": "required"}


def _set_again(
    declaration: Declaration, patch: Mapping[str, Any], before: Mapping[str, Any]
) -> dict[str, object]:
    """What stands in place of a patch's nulls; a moment that something happened stays."""
    nulls = {name for name, value in patch.items() if value is None and name in before}
    if not nulls:
        return {}
    left = {n: v for n, v in {**before, **patch}.items() if v is not None}
    always = {
        name: before.get(name) if callable(default) else default
        for name, default in declaration.defaults.items()
    }
    return {n: v for n, v in {**always, **declaration.derive(left)}.items() if n in nulls}


def _value(default: Default) -> object:
    return default() if callable(default) else default


def _id_of(declaration: Declaration, body: Mapping[str, Any]) -> str:
    given = body.get("id")
    if given is None or not declaration.client_ids:
        return new_id()
    return checked_id(given, "id")
