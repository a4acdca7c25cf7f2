"""JSON Schemas of what a service publishes, at the address that `ce_dataschema` names."""

from functools import cache
from typing import Any

from dualbus_kit.errors import NotFound
from fastapi import APIRouter

from dualbus_events.catalogue import EVENT_TYPES
from dualbus_events.document import Document
from dualbus_events.facts import EventType

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


class UnknownSchema(NotFound):
    code = "unknownSchema"
    reason = "This service publishes no such event"


@cache
def event_schema(event_type: EventType[Document]) -> dict[str, Any]:
    """The schema of an event's value: TM Forum's notification around the resource."""
    resource = event_type.topic.document.model_json_schema(
        by_alias=True, mode="serialization", ref_template="#/$defs/{model}"
    )
    definitions = resource.pop("$defs", {})
    name = event_type.topic.resource
    return {
        "$schema": _DIALECT,
        "$id": f"/schemas/{event_type.name}/1",
        "title": event_type.name,
        "type": "object",
        "required": ["eventId", "eventTime", "eventType", "correlationId", "domain", "event"],
        "properties": {
            "eventId": {"type": "string", "format": "uuid"},
            "eventTime": {"type": "string", "format": "date-time"},
            "eventType": {"const": event_type.name},
            "correlationId": {"type": "string"},
            "domain": {"type": "string"},
            "event": {
                "type": "object",
                "required": [name],
                "properties": {name: {"$ref": f"#/$defs/{event_type.topic.document.__name__}"}},
            },
        },
        "$defs": {**definitions, event_type.topic.document.__name__: resource},
    }


def schema_router(owner: str) -> APIRouter:
    """`/schemas/<eventType>/1` for every event that `owner` publishes."""
    router = APIRouter(prefix="/schemas", tags=["events"])

    @router.get("/{event_type}/{major}")
    async def retrieve_schema(event_type: str, major: int) -> dict[str, Any]:
        known = EVENT_TYPES.get(event_type)
        if known is None or known.topic.owner != owner or major != 1:
            raise UnknownSchema(f"{owner}-svc publishes no {event_type} of major version {major}")
        return event_schema(known)

    return router
