"""Bodies made of a definition: every attribute it knows, at every depth, with a valid value."""

from collections.abc import Iterator
from typing import Any, Final

from dualbus_events.tmforum.definition import ResourceDefinition, Schema

A_MOMENT: Final = "2026-01-31T09:30:00.000Z"
WRONG: Final = {"string": {"not": "text"}, "boolean": "perhaps", "array": "alone", "object": "flat"}

_SERVER_SETS: Final = frozenset(("id", "href"))
_SAMPLES: Final[dict[str, Any]] = {"boolean": True, "integer": 7, "number": 2.5}


def full_body(
    definition: ResourceDefinition, *, without: frozenset[str], turn: int = 0
) -> dict[str, Any]:
    """Every attribute but the server's own, those of the state and those in `without`.

    Where an attribute has several examples, `turn` says which: see `turns`.
    """
    left_out = _SERVER_SETS | without | {definition.state_attribute}
    return {
        name: sample(definition, name, schema, (), turn)
        for name, schema in definition.attributes.items()
        if name not in left_out
    }


def sample(
    definition: ResourceDefinition, name: str, schema: Schema, above: tuple[str, ...], turn: int
) -> Any:
    """A valid value: the definition's own example where it has one.

    An object inside itself is given what it must have and no more.
    """
    named, found = definition.resolved(schema)
    if found.get("type") == "array":
        return [sample(definition, name, found["items"], above, turn)]
    if named and found.get("properties"):
        again = named in above
        required = found.get("required", ())
        # TMF641's ServiceOrderItemRef requires an id that it does not describe.
        inside = {key: {} for key in required} | found["properties"]
        return {
            attribute: sample(definition, attribute, inner, (*above, named), turn)
            for attribute, inner in inside.items()
            if not again or attribute in required
        }
    return _scalar(name, found, turn)


def turns(definition: ResourceDefinition) -> int:
    """How many bodies it takes to send every example of every attribute of the resource."""
    listed = (schema.get("example") for schema in definition.attributes.values())
    return max((len(examples) for examples in listed if isinstance(examples, list)), default=1)


def _scalar(name: str, schema: Schema, turn: int) -> Any:
    if schema.get("format") == "date-time":
        return A_MOMENT
    if "example" in schema:
        example = schema["example"]
        # TMF641 and TMF656 list several examples of one value.
        return example[turn % len(example)] if isinstance(example, list) else example
    if schema.get("enum"):
        return schema["enum"][0]
    if schema.get("format") == "uri" or name == "href":
        return f"https://example.com/{name.strip('@')}"
    return _SAMPLES.get(str(schema.get("type")), f"{name.strip('@')} of a sample")


def wrong_values(definition: ResourceDefinition) -> Iterator[tuple[str, Any]]:
    """For each attribute whose type the definition gives, a value that it can't be."""
    for name, schema in definition.attributes.items():
        _, found = definition.resolved(schema)
        kind = "object" if found.get("properties") else str(found.get("type"))
        # TMF688's Any may be anything.
        if found and name not in _SERVER_SETS and (kind != "object" or found.get("properties")):
            yield name, WRONG.get(kind, {"not": "a number"})


def scalars(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """`("relatedParty.role", "customer")` … for everything in a resource that a filter can name."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from scalars(inner, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for inner in value:
            yield from scalars(inner, path)
    else:
        yield path, value


def as_parameter(value: Any) -> str:
    """A value as a client writes it in a query."""
    return str(value).lower() if isinstance(value, bool) else str(value)
