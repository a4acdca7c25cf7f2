"""From a pydantic model to the JSON Schema of what is really on the wire."""

import re
from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel
from pydantic.alias_generators import to_camel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue, models_json_schema
from pydantic_core import core_schema

Schema = dict[str, Any]


class WireSchema(GenerateJsonSchema):
    """An attribute that is None is left out of a message, so no schema offers null.

    Titles made from attribute names say nothing, and unknown attributes are allowed everywhere
    (a reader ignores them): neither is written down.
    """

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        found = super().default_schema(schema)
        if found.get("default", ...) is None:
            found.pop("default")
        return found

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        found = super().model_schema(schema)
        if found.get("additionalProperties") is True:
            found.pop("additionalProperties")
        if description := found.get("description"):
            found["description"] = _in_wire_names(description)
        return found

    def typed_dict_schema(self, schema: core_schema.TypedDictSchema) -> JsonSchemaValue:
        found = super().typed_dict_schema(schema)
        found.pop("additionalProperties", None)
        return found

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002
        return False


def _in_wire_names(docstring: str) -> str:
    """One paragraph that names attributes as they are on the wire: `billingAccount`."""
    one_line = " ".join(docstring.split())
    return re.sub(r"`[a-z]+(_[a-z]+)+`", lambda name: to_camel(name[0]), one_line)


def definitions(models: Iterable[type[BaseModel]], *, at: str) -> dict[str, Schema]:
    """The schemas of the models and of all they hold, by name; references start with `at`."""
    _, schemas = models_json_schema(
        [(model, "serialization") for model in models],
        schema_generator=WireSchema,
        ref_template=at + "{model}",
    )
    found: dict[str, Schema] = schemas["$defs"]
    return found
