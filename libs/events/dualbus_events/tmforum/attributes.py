"""One attribute of a definition as pydantic's core sees it: checked in Rust, kept as plain JSON."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from dualbus_kit.clock import timestamp
from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from dualbus_events.tmforum.definition import ResourceDefinition, Schema, is_resource


@dataclass(frozen=True, eq=False)
class Defined:
    """The type of an attribute: what the definition says of it.

    Types are checked wherever the definition knows the attribute, at any depth, and unknown
    attributes are kept. Nothing nested is mandatory, no enumeration is closed, and `5` may come as
    `"5"`: TM Forum's own kits post what their definitions forbid.
    """

    definition: ResourceDefinition
    schema: Schema

    def is_scalar(self, path: tuple[str, ...] = ()) -> bool:
        """Whether the definition says that nothing can be below this attribute, or below `path`."""
        found = self.definition.schema_at(path, of=self.schema)
        return found is not None and found.get("type") in _SIMPLE

    def __get_pydantic_core_schema__(self, _: Any, __: GetCoreSchemaHandler) -> CoreSchema:
        schema = core_schema.nullable_schema(_schema_of(self.definition, self.schema))
        nested = sorted(_reachable(self.definition, self.schema))
        if not nested:
            return schema
        return core_schema.definitions_schema(
            schema, [_object_of(self.definition, name) for name in nested]
        )


def _schema_of(definition: ResourceDefinition, schema: Schema) -> CoreSchema:
    name, found = definition.resolved(schema)
    kind = found.get("type")
    if name and found.get("properties"):
        return core_schema.definition_reference_schema(_ref(definition, name))
    if kind == "array":
        return core_schema.list_schema(_schema_of(definition, found["items"]))
    if kind == "string" and found.get("format") == "date-time":
        return _MOMENT
    return _SIMPLE.get(str(kind), core_schema.any_schema())


def _object_of(definition: ResourceDefinition, name: str) -> CoreSchema:
    fields = {
        attribute: core_schema.typed_dict_field(
            core_schema.nullable_schema(_schema_of(definition, schema)), required=False
        )
        for attribute, schema in definition.schemas[name]["properties"].items()
    }
    return core_schema.typed_dict_schema(
        fields,
        extra_behavior="allow",
        ref=_ref(definition, name),
        total=False,
        metadata={"pydantic_js_updates": {"title": name}},
    )


def _reachable(definition: ResourceDefinition, schema: Schema) -> set[str]:
    """Names of the objects that an attribute may hold, itself included; they may be recursive."""
    found: set[str] = set()
    waiting = list(_objects_in(definition, schema))
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            for attribute in definition.schemas[name]["properties"].values():
                waiting += _objects_in(definition, attribute)
    return found


def _objects_in(definition: ResourceDefinition, schema: Schema) -> Iterator[str]:
    name, found = definition.resolved(schema)
    if name and found.get("properties"):
        yield name
    elif found.get("type") == "array":
        yield from _objects_in(definition, found["items"])


def _ref(definition: ResourceDefinition, name: str) -> str:
    # pydantic names the schema after what is between the last dot and the colon. A resource's own
    # name is its document's: where one is nested in another, that gets a name beside it.
    shown = f"{name}Value" if is_resource(definition.api, name) else name
    return f"{definition.api}.{shown}:{definition.api}"


def _stored_form(value: str) -> str:
    """A date-time as it is stored and filtered by; one without a zone is taken for UTC."""
    try:
        moment = datetime.fromisoformat(value)
        return timestamp(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
    except (ValueError, OverflowError):
        raise ValueError(f"{value[:40]!r} is not a date-time") from None


_MOMENT = core_schema.no_info_after_validator_function(
    _stored_form,
    core_schema.str_schema(),
    metadata={"pydantic_js_updates": {"format": "date-time"}},
)
_SIMPLE: dict[str, CoreSchema] = {
    "string": core_schema.str_schema(),
    "boolean": core_schema.bool_schema(),
    "integer": core_schema.int_schema(),
    "number": core_schema.float_schema(allow_inf_nan=False),
}
