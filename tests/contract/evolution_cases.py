"""The golden table: what may change inside a major version, what may not, and why.

Each case is a schema before and after. `witness` is a value that the side which wrote it allows
and the other refuses, where validation alone can show the break; the rest are our own rules.
"""

from dataclasses import dataclass
from typing import Any, Literal

Verdict = Literal["compatible", "backward", "forward", "both"]
Schema = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """`backward`: what was written is not read any more. `forward`: old readers don't read it."""

    name: str
    old: Schema
    new: Schema
    verdict: Verdict
    why: str
    witness: Any = ...


TEXT: Schema = {"type": "string"}
NUMBER: Schema = {"type": "number"}
INTEGER: Schema = {"type": "integer"}


def thing(required: tuple[str, ...] = (), /, **properties: Any) -> Schema:
    """An object with these attributes."""
    return {"type": "object", "properties": properties, "required": list(required)}


def closed(*values: object) -> Schema:
    """Text that is one of these."""
    return {"type": "string", "enum": list(values)}


def growing(*values: str) -> Schema:
    """Text that is one of these today."""
    return {"type": "string", "x-extensible-enum": list(values)}


def tree(**more: Any) -> Schema:
    """A resource that holds its own kind."""
    node = thing(child={"$ref": "#/$defs/Node"}, **more)
    return {"$ref": "#/$defs/Node", "$defs": {"Node": node}}


def topic(**kafka: object) -> Schema:
    whole = {"topic": "a.b.v1", "key": "id", "partitions": 6, "cleanup.policy": "compact"}
    return {"x-kafka": {**whole, **kafka}}


ATTRIBUTES = (
    Case("nothing changes", thing(a=TEXT), thing(a=TEXT), "compatible", "the same"),
    Case("an optional attribute is added", thing(a=TEXT), thing(a=TEXT, b=TEXT), "compatible",
         "old readers ignore it, new ones don't count on it"),
    Case("a required attribute is added", thing(a=TEXT), thing(("b",), a=TEXT, b=TEXT), "backward",
         "what was written does not have it", {"a": "x"}),
    Case("an optional attribute is removed", thing(a=TEXT, b=TEXT), thing(a=TEXT), "forward",
         "a reader may count on it: attributes are only added"),
    Case("a required attribute is removed", thing(("b",), b=TEXT), thing(), "forward",
         "old readers need it", {}),
    Case("an attribute is renamed", thing(colour=TEXT), thing(color=TEXT), "forward",
         "that is one removed and one added"),
    Case("a required attribute is renamed", thing(("colour",), colour=TEXT),
         thing(("color",), color=TEXT), "both", "neither finds what it needs", {"colour": "x"}),
    Case("an attribute becomes required", thing(a=TEXT), thing(("a",), a=TEXT), "backward",
         "what was written may lack it", {}),
    Case("an attribute becomes optional", thing(("a",), a=TEXT), thing(a=TEXT), "forward",
         "old readers need it", {}),
    Case("an optional object with required parts is added", thing(),
         thing(b=thing(("c",), c=TEXT)), "compatible", "its parts are needed only where it is"),
    Case("a part of an object becomes required", thing(b=thing(c=TEXT)),
         thing(b=thing(("c",), c=TEXT)), "backward", "rules hold at any depth", {"b": {}}),
    Case("an attribute moves into an object", thing(city=TEXT), thing(address=thing(city=TEXT)),
         "forward", "that is one removed and one added"),
    Case("further attributes are refused", thing(a=TEXT),
         {**thing(a=TEXT), "additionalProperties": False}, "backward",
         "what was written may have more", {"more": 1}),
    Case("further attributes are allowed at last", {**thing(a=TEXT), "additionalProperties": False},
         thing(a=TEXT), "forward", "old readers refuse more", {"more": 1}),
    Case("an attribute is added where readers refuse more",
         {**thing(a=TEXT), "additionalProperties": False},
         {**thing(a=TEXT, b=TEXT), "additionalProperties": False}, "forward",
         "old readers refuse it", {"b": "x"}),
    Case("an attribute is removed where readers refuse more",
         {**thing(a=TEXT, b=TEXT), "additionalProperties": False},
         {**thing(a=TEXT), "additionalProperties": False}, "both",
         "it was written, and old readers may count on it", {"b": "x"}),
    Case("the values of a map get a type", {"type": "object"},
         {"type": "object", "additionalProperties": TEXT}, "backward",
         "what was written may have others", {"a": 1}),
)  # fmt: skip

TYPES = (
    Case("text becomes a number", thing(a=TEXT), thing(a=NUMBER), "both",
         "neither reads the other's", {"a": "x"}),
    Case("an integer becomes a number", thing(a=INTEGER), thing(a=NUMBER), "forward",
         "old readers can't take a fraction", {"a": 1.5}),
    Case("a number becomes an integer", thing(a=NUMBER), thing(a=INTEGER), "backward",
         "fractions were written", {"a": 1.5}),
    Case("a value may also be null", thing(a=TEXT), thing(a={"type": ["string", "null"]}),
         "forward", "old readers can't take null: leave the attribute out", {"a": None}),
    Case("a value may not be null any more", thing(a={"type": ["string", "null"]}), thing(a=TEXT),
         "backward", "null was written", {"a": None}),
    Case("the order of types changes", {"type": ["string", "null"]}, {"type": ["null", "string"]},
         "compatible", "order says nothing"),
    Case("one becomes a list", thing(a=TEXT), thing(a={"type": "array", "items": TEXT}), "both",
         "neither reads the other's", {"a": "x"}),
    Case("anything becomes text", thing(a={}), thing(a=TEXT), "backward",
         "anything was written", {"a": 1}),
    Case("text becomes anything", thing(a=TEXT), thing(a={}), "forward",
         "old readers take text only", {"a": 1}),
    Case("the items of a list change type", {"type": "array", "items": TEXT},
         {"type": "array", "items": INTEGER}, "both", "rules hold inside lists", ["x"]),
    Case("an item gets an optional attribute", {"type": "array", "items": thing(a=TEXT)},
         {"type": "array", "items": thing(a=TEXT, b=TEXT)}, "compatible", "as in any object"),
    Case("the items of a list get a type", {"type": "array"}, {"type": "array", "items": TEXT},
         "backward", "others were written", [1]),
    Case("an attribute is never there any more", thing(a=TEXT), thing(a=False), "both",
         "it was written, and old readers may count on it", {"a": "x"}),
)  # fmt: skip

VALUES = (
    Case("a closed list gets a value", closed("a"), closed("a", "b"), "forward",
         "old readers don't know it", "b"),
    Case("a closed list loses a value", closed("a", "b"), closed("a"), "backward",
         "it was written", "b"),
    Case("a closed list changes its order", closed("a", "b"), closed("b", "a"), "compatible",
         "order says nothing"),
    Case("a closed list exchanges a value", closed("a", "b"), closed("a", "c"), "both",
         "one lost, one gained", "b"),
    Case("text gets a closed list", TEXT, closed("a"), "backward", "others were written", "z"),
    Case("a closed list is opened", closed("a"), TEXT, "forward", "old readers know only these",
         "z"),
    Case("a closed list becomes a growing one", closed("a"), growing("a"), "forward",
         "old readers have no answer for others", "z"),
    Case("a growing list gets a value", growing("a"), growing("a", "b"), "compatible",
         "readers have an answer for what they don't know"),
    Case("a growing list loses a value", growing("a", "b"), growing("a"), "backward",
         "it was written, and readers count on it"),
    Case("text gets a growing list", TEXT, growing("a"), "compatible", "it only says more"),
    Case("a constant changes", {"const": "a"}, {"const": "b"}, "both", "neither is the other", "a"),
    Case("a constant is a closed list of one", {"const": "a"}, {"enum": ["a"]}, "compatible",
         "the same, said otherwise"),
    Case("a closed list of one gets another", {"const": "a"}, {"enum": ["a", "b"]}, "forward",
         "old readers know one", "b"),
    Case("true is not one", {"const": 1}, {"const": True}, "both", "JSON keeps them apart", 1),
)  # fmt: skip

BOUNDS = (
    Case("a minimum is raised", {"minimum": 1}, {"minimum": 2}, "backward", "1 was written", 1),
    Case("a minimum is lowered", {"minimum": 1}, {"minimum": 0}, "forward",
         "old readers refuse 0", 0),
    Case("a minimum of zero is added", {}, {"minimum": 0}, "backward", "less was written", -1),
    Case("a minimum is dropped", {"minimum": 0}, {}, "forward", "old readers refuse less", -1),
    Case("a maximum is raised", {"maximum": 1}, {"maximum": 2}, "forward",
         "old readers refuse 2", 2),
    Case("a maximum is lowered", {"maximum": 2}, {"maximum": 1}, "backward", "2 was written", 2),
    Case("text may be longer", {"maxLength": 1}, {"maxLength": 2}, "forward",
         "old readers have no room", "xx"),
    Case("a list may not be empty any more", {"type": "array"}, {"type": "array", "minItems": 1},
         "backward", "empty ones were written", []),
    Case("a list must not repeat", {"type": "array"}, {"type": "array", "uniqueItems": True},
         "backward", "repeating ones were written", [1, 1]),
    Case("a pattern is added", TEXT, {**TEXT, "pattern": "^a"}, "backward",
         "others were written", "b"),
    Case("a pattern changes", {**TEXT, "pattern": "^a"}, {**TEXT, "pattern": "^b"}, "both",
         "patterns can't be compared", "a"),
    Case("text becomes a date-time", TEXT, {**TEXT, "format": "date-time"}, "backward",
         "other text was written"),
    Case("a date-time becomes any text", {**TEXT, "format": "date-time"}, TEXT, "forward",
         "old readers parse it"),
    Case("a date-time becomes a date", {**TEXT, "format": "date-time"}, {**TEXT, "format": "date"},
         "both", "neither parses the other's"),
)  # fmt: skip

UNIONS = (
    Case("an alternative is added", {"anyOf": [TEXT]}, {"anyOf": [TEXT, INTEGER]}, "forward",
         "old readers don't know it", 1),
    Case("an alternative is removed", {"anyOf": [TEXT, INTEGER]}, {"anyOf": [TEXT]}, "backward",
         "it was written", 1),
    Case("alternatives change their order", {"anyOf": [TEXT, INTEGER]}, {"anyOf": [INTEGER, TEXT]},
         "compatible", "order says nothing"),
    Case("a union of one is no union", {"anyOf": [TEXT]}, TEXT, "compatible",
         "the same, said otherwise"),
    Case("an alternative changes", {"anyOf": [TEXT, INTEGER]}, {"anyOf": [TEXT, NUMBER]}, "both",
         "one is not there any more, one is new", 1.5),
    Case("an alternative gets an optional attribute", {"anyOf": [TEXT, thing(a=TEXT)]},
         {"anyOf": [TEXT, thing(a=TEXT, b=TEXT)]}, "compatible", "as in any object"),
    Case("a part is added to a whole", {"allOf": [thing(a=TEXT)]},
         {"allOf": [thing(a=TEXT), thing(("b",), b=TEXT)]}, "backward",
         "what was written need not fit it", {}),
    Case("a part of a whole changes", {"allOf": [thing(a=TEXT)]}, {"allOf": [thing(a=INTEGER)]},
         "both", "rules hold inside", {"a": "x"}),
)  # fmt: skip

STRUCTURE = (
    Case("a definition is renamed", {"$ref": "#/$defs/A", "$defs": {"A": thing(a=TEXT)}},
         {"$ref": "#/$defs/B", "$defs": {"B": thing(a=TEXT)}}, "compatible",
         "names of definitions are not on the wire"),
    Case("a definition is written out", {"$ref": "#/$defs/A", "$defs": {"A": thing(a=TEXT)}},
         thing(a=TEXT), "compatible", "the same, said otherwise"),
    Case("a definition changes", {"$ref": "#/$defs/A", "$defs": {"A": thing(a=TEXT)}},
         {"$ref": "#/$defs/A", "$defs": {"A": thing(a=INTEGER)}}, "both",
         "references are followed", {"a": "x"}),
    Case("a tree gets an optional attribute", tree(), tree(a=TEXT), "compatible",
         "what holds its own kind is compared once"),
    Case("a tree's attribute changes type", tree(a=TEXT), tree(a=INTEGER), "both",
         "what holds its own kind is compared once", {"child": {"a": "x"}}),
    Case("descriptions change", {**TEXT, "description": "a", "title": "A"},
         {**TEXT, "description": "b"}, "compatible", "they are for people"),
    Case("a default changes", thing(a={**TEXT, "default": "x"}), thing(a={**TEXT, "default": "y"}),
         "backward", "what was left out would mean something else"),
    Case("a default is dropped", thing(a={**TEXT, "default": "x"}), thing(a=TEXT), "backward",
         "what was left out would mean nothing any more"),
    Case("a keyword that the check does not know", TEXT, {**TEXT, "contentEncoding": "base64"},
         "backward", "nobody has thought about it: refuse rather than guess"),
    Case("more partitions", topic(), topic(partitions=12), "forward",
         "a key would move to another partition and lose its order"),
    Case("another key", topic(), topic(key="customer"), "forward", "order is by key"),
    Case("a compacted topic is cut by time", topic(), topic(**{"cleanup.policy": "delete"}),
         "forward", "a new reader would miss what is old"),
)  # fmt: skip

CASES = (*ATTRIBUTES, *TYPES, *VALUES, *BOUNDS, *UNIONS, *STRUCTURE)
