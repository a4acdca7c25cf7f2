"""What TM Forum's definition says of one resource: attributes, operations, events, base path."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Final

import orjson

Schema = Mapping[str, Any]
"""A JSON Schema object as Swagger 2.0 has it."""

DEFINITIONS: Final = Path(__file__).parent / "definitions"

# Where the file gives a path by mistake: TMF672 v4.0.1 corrects itself; TMF676's own kit uses this.
_BASE_PATHS: Final = {
    "TMF672": "/tmf-api/userrolepermission/v4",
    "TMF676": "/tmf-api/paymentManagement/v4",
}
_OPERATIONS: Final = {
    ("get", False): "list",
    ("get", True): "retrieve",
    ("post", False): "create",
    ("patch", True): "patch",
    ("delete", True): "delete",
}
_STATES: Final = ("state", "status", "lifecycleStatus")


@dataclass(frozen=True)
class ResourceDefinition:
    """One resource of one API."""

    api: str
    """`TMF651`"""
    name: str
    """`Agreement`, the name of its schema."""
    base_path: str
    """`/tmf-api/agreementManagement/v4`"""
    collection: str
    """`/agreement`, the path under the base path."""
    schemas: Mapping[str, Schema]
    """All schemas of the API, by name; `#/definitions/` refers to them."""
    operations: frozenset[str]
    """Of list, retrieve, create, patch, delete."""
    listeners: frozenset[str]
    """Event types the API has listeners for, such as `AgreementCreateEvent`."""

    @property
    def resource(self) -> str:
        """`agreement`: in paths, and as the key inside an event."""
        return lower_camel(self.name)

    @property
    def path(self) -> str:
        """The collection's; `…/topic/{topicId}/event` of one that is inside another resource."""
        return self.base_path + self.collection

    @property
    def attributes(self) -> Mapping[str, Schema]:
        """By wire name."""
        attributes: Mapping[str, Schema] = self.schemas[self.name].get("properties", {})
        return attributes

    @property
    def mandatory(self) -> frozenset[str]:
        """First-level attributes that every answer must have."""
        return frozenset(self.schemas[self.name].get("required", ()))

    @property
    def state_attribute(self) -> str | None:
        """`state`, `status` or `lifecycleStatus`, where the resource has one."""
        return next((name for name in _STATES if name in self.attributes), None)

    @cached_property
    def events(self) -> Mapping[str, str]:
        """`create`, `change`, `delete` and, with a state, `state`: the event types' names.

        As the definition spells them (`…StatusChangeEvent`, `…ChangeEvent`); where it names none,
        TMF630's: a change that nobody is told of would be lost to the ODS.
        """
        names = {"create": f"{self.name}CreateEvent", "delete": f"{self.name}DeleteEvent"}
        names["change"] = self._listed("AttributeValueChangeEvent", "ChangeEvent")
        if self.state_attribute:
            names["state"] = self._listed("StateChangeEvent", "StatusChangeEvent")
        return names

    def _listed(self, usual: str, *others: str) -> str:
        names = [self.name + suffix for suffix in (usual, *others)]
        return next((name for name in names if name in self.listeners), names[0])

    def resolved(self, schema: Schema) -> tuple[str | None, Schema]:
        """The schema behind a reference, with its name; a schema that is none as it is."""
        name = str(schema.get("$ref", "")).rpartition("/")[2]
        return (name, self.schemas[name]) if name else (None, schema)

    def schema_at(self, path: tuple[str, ...], *, of: Schema | None = None) -> Schema | None:
        """The schema of a nested attribute, through arrays; None where nothing is said.

        `of` is the schema to start from, else the resource's.
        """
        schema = self.schemas[self.name] if of is None else self._element(of)
        for step in path:
            found = schema.get("properties", {}).get(step)
            if found is None:
                return None
            schema = self._element(found)
        return schema

    def _element(self, schema: Schema) -> Schema:
        found = self.resolved(schema)[1]
        return self.resolved(found["items"])[1] if found.get("type") == "array" else found


@cache
def api_definition(api: str) -> Mapping[str, Any]:
    """The whole published file of an API, such as `TMF651`. FileNotFoundError for one not held."""
    parsed: dict[str, Any] = orjson.loads((DEFINITIONS / f"{api}.json").read_bytes())
    for schema in parsed["definitions"].values():
        identity = schema.get("properties", {}).get("id", {})
        if identity.get("type") == "integer":
            # TMF642 says so of alarms by mistake: its paths, its AlarmRef and its kit have texts.
            schema["properties"]["id"] = {**identity, "type": "string"}
    return parsed


@cache
def resource_definition(api: str, name: str) -> ResourceDefinition:
    """The definition of `Agreement` in `TMF651`. KeyError when the API has no such schema."""
    whole = api_definition(api)
    schemas, resource = whole["definitions"], lower_camel(name)
    collection = _collection(whole["paths"], resource)
    if name not in schemas:
        raise KeyError(f"{api} defines no {name}")
    return ResourceDefinition(
        api=api,
        name=name,
        base_path=_BASE_PATHS.get(api, whole["basePath"].rstrip("/")),
        collection=collection,
        schemas=schemas,
        operations=_operations(whole["paths"], collection),
        listeners=_listeners(whole["paths"]),
    )


@cache
def is_resource(api: str, name: str) -> bool:
    """Whether an object of an API's definition has a path of its own."""
    return any(path.strip("/") == lower_camel(name) for path in api_definition(api)["paths"])


def lower_camel(name: str) -> str:
    """`agreement` of `Agreement`."""
    return name[0].lower() + name[1:]


def _collection(paths: Mapping[str, Any], resource: str) -> str:
    """Its own path; where there is none, that inside another resource (TMF688's event)."""
    own = f"/{resource}"
    nested = (path for path in paths if path.endswith(f"}}{own}"))
    return own if own in paths else next(nested, own)


def _operations(paths: Mapping[str, Any], collection: str) -> frozenset[str]:
    found = {
        _OPERATIONS.get((method, path.endswith("}")))
        for path in (collection, f"{collection}/{{id}}")
        for method in paths.get(path, ())
    }
    return frozenset(operation for operation in found if operation)


def _listeners(paths: Mapping[str, Any]) -> frozenset[str]:
    listed = [path.rpartition("/")[2] for path in paths if path.startswith("/listener/")]
    return frozenset(name[0].upper() + name[1:] for name in listed)
