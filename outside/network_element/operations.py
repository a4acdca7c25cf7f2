"""What can be asked of the network element, read from JSON and checked."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from outside_program.behaviour import Facts, as_fact


class MalformedOperation(Exception):
    """The request is not one the element understands; the message says where."""


@dataclass(frozen=True, slots=True)
class ActivateOperation:
    """Activate a service under `activation_id`; `resources` are what it alone may hold."""

    activation_id: str
    body: Mapping[str, object]
    resources: tuple[tuple[str, str], ...]

    def facts(self) -> Facts:
        """What rules can match: own fields, characteristics, and resources by their type."""
        return facts_of("activate", self.activation_id, self.body)


def read_activate(activation_id: object, body: object) -> ActivateOperation:
    """Check an activation; raises `MalformedOperation`."""
    fields = as_object(body, where="body")
    for name in ("serviceId", "serviceType"):
        require_text(fields.get(name), where=name)
    as_object(fields.get("characteristics", {}), where="characteristics")
    return ActivateOperation(
        require_text(activation_id, where="activationId"), fields, _read_resources(fields)
    )


def facts_of(op: str, activation_id: str, body: Mapping[str, object]) -> Facts:
    """Lay an operation's fields flat; a field that occurs more than once has all its values."""
    facts: dict[str, list[str]] = {"op": [op], "activationId": [activation_id]}
    characteristics = cast(Mapping[str, object], body.get("characteristics", {}))
    for fields in (body, characteristics):
        for name, value in fields.items():
            if not isinstance(value, dict | list):
                facts.setdefault(name, []).append(as_fact(value))
    for resource in cast(list[Mapping[str, str]], body.get("resources", [])):
        facts.setdefault(resource["type"], []).append(resource["value"])
    return facts


def as_object(value: object, *, where: str) -> Mapping[str, object]:
    """Take a JSON object; raises `MalformedOperation`."""
    if not isinstance(value, dict):
        raise MalformedOperation(f"{where} must be an object")
    return value


def as_list(value: object, *, where: str) -> list[object]:
    """Take a JSON array; raises `MalformedOperation`."""
    if not isinstance(value, list):
        raise MalformedOperation(f"{where} must be a list")
    return value


def as_wait(value: object, *, where: str) -> float:
    """Take a number of milliseconds, absent for no bound; raises `MalformedOperation`."""
    if value is None:
        return math.inf
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        raise MalformedOperation(f"{where} must be a number, 0 or more")
    return value


def require_text(value: object, *, where: str) -> str:
    """Take a text that is not empty; raises `MalformedOperation`."""
    if not isinstance(value, str) or not value:
        raise MalformedOperation(f"{where} must be a text that is not empty")
    return value


def _read_resources(fields: Mapping[str, object]) -> tuple[tuple[str, str], ...]:
    resources = []
    for index, entry in enumerate(as_list(fields.get("resources", []), where="resources")):
        resource = as_object(entry, where=f"resources[{index}]")
        kind = require_text(resource.get("type"), where=f"resources[{index}].type")
        value = require_text(resource.get("value"), where=f"resources[{index}].value")
        resources.append((kind, value))
    return tuple(resources)
