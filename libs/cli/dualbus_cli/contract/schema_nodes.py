"""One node of a JSON Schema in a form that can be compared."""

import json
from collections.abc import Mapping
from typing import Any, Final

Schema = Mapping[str, Any]

_ANNOTATIONS: Final = frozenset(
    ("$schema", "$id", "$comment", "title", "description", "examples", "deprecated", "$defs")
)
# Bounds say "at least" (raising one narrows), "at most" (lowering one narrows), or "like this".
AT_LEAST: Final = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
AT_MOST: Final = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
LIKE_THIS: Final = ("pattern", "format", "multipleOf", "uniqueItems")
_VALUES: Final = ("type", "enum", "const", "x-extensible-enum", "default")
_STRUCTURE: Final = ("properties", "required", "additionalProperties", "items", "x-kafka")
_UNIONS: Final = ("anyOf", "oneOf", "allOf")
_KNOWN: Final = frozenset((*AT_LEAST, *AT_MOST, *LIKE_THIS, *_VALUES, *_STRUCTURE, *_UNIONS))
# JSON Schema's "integer" is a part of "number"; so that a union of types can be compared as a set.
_KINDS: Final = {"number": frozenset(("integer", "fraction"))}
ALL_KINDS: Final = frozenset(
    ("integer", "fraction", "string", "boolean", "object", "array", "null")
)


def resolved(root: Schema, node: Schema | bool) -> dict[str, Any]:
    """The node without references and annotations. Raises KeyError for a reference into nowhere."""
    if isinstance(node, bool):
        return {} if node else {"enum": []}
    found = dict(node)
    while reference := found.pop("$ref", None):
        target: Any = root
        for part in reference.removeprefix("#/").split("/"):
            target = target[part]
        found = {**target, **found}
    return {name: value for name, value in found.items() if name not in _ANNOTATIONS}


def unknown_keywords(node: Schema) -> set[str]:
    """Keywords whose compatibility nobody has thought about."""
    return set(node) - _KNOWN


def kinds(node: Schema) -> frozenset[str]:
    """The JSON types that it allows; without `type`, all of them."""
    named = node.get("type")
    if named is None:
        return ALL_KINDS
    names = [named] if isinstance(named, str) else named
    return frozenset().union(*(_KINDS.get(name, frozenset((name,))) for name in names))


def values(node: Schema) -> set[str] | None:
    """The closed list of values as JSON texts; None where there is none."""
    if "const" in node:
        return {_text(node["const"])}
    return {_text(value) for value in node["enum"]} if "enum" in node else None


def known_values(node: Schema) -> set[str]:
    """The values that are named while more may come."""
    return {_text(value) for value in node.get("x-extensible-enum", ())}


def alternatives(root: Schema, node: Schema) -> list[dict[str, Any]]:
    """The members of a union, each with what stands beside the union; else the node itself."""
    members = node.get("anyOf", node.get("oneOf"))
    if members is None:
        return [dict(node)]
    beside = {name: value for name, value in node.items() if name not in ("anyOf", "oneOf")}
    return [
        inner
        for member in members
        for inner in alternatives(root, {**beside, **resolved(root, member)})
    ]


def _text(value: object) -> str:
    return json.dumps(value, sort_keys=True)
