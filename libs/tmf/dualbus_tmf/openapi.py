"""What OpenAPI says about operations whose answers are handed out as stored bytes."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final, TypedDict

import orjson
from dualbus_events.document import Document
from dualbus_events.hub_registration import Hub
from dualbus_kit.openapi import COMPONENTS
from fastapi import Response
from pydantic import BaseModel

from dualbus_tmf.list_query import MAX_LIMIT

_LIST_NOTES = (
    "Every attribute is a filter: `state=a,b` (either), `relatedParty.id=7` (sub-attributes, also "
    "through arrays; filters on one array must hold in the same element), and with the operators "
    "`.ne .gt .gte .lt .lte .regex`. An unknown attribute matches nothing."
)

_EXAMPLES_FILE: Final = Path(__file__).with_name("request_examples.json")
EXAMPLES: Final[Mapping[str, Any]] = orjson.loads(_EXAMPLES_FILE.read_bytes())
"""Bodies to create a resource, by its name in paths: people and offerings of the demo. What they
refer to by a UUID stands for what was made before."""

_HUB: Final = {"callback": "https://partner.example/events"}
_HUMP: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_SUMMARIES: Final = {
    "list": "List or find: {}",
    "retrieve": "Retrieve one {}",
    "create": "Create: {}",
    "patch": "Change a part of one {}",
    "delete": "Delete one {}",
}


class Operation(TypedDict):
    """Arguments of a FastAPI route."""

    operation_id: str
    summary: str
    status_code: int
    responses: dict[int | str, dict[str, Any]]
    response_class: type[Response]
    response_model: None
    openapi_extra: dict[str, Any]


def list_operation(
    resource: str, document: type[Document], *, inside_another: bool = False
) -> Operation:
    """With `inside_another`, the collection is part of a resource that may not exist: 404."""
    counts = {
        "X-Total-Count": _header("How many match in all.", "integer"),
        "X-Total-Count-Estimated": _header(
            "`true` where X-Total-Count is an estimate: above 10,000."
        ),
        "X-Result-Count": _header("How many are in this page.", "integer"),
        "Link": _header("First, prev, next and last page."),
    }
    page = {"model": list[document], "headers": counts}  # type: ignore[valid-type]
    return _operation(
        "list",
        resource,
        answers={
            200: {**page, "description": "What matches."},
            206: {**page, "description": "One page of it, for a client that sent offset or limit."},
        },
        problems=(400, 404, 503) if inside_another else (400, 503),
        extra={
            "description": _LIST_NOTES,
            "parameters": [
                _FIELDS,
                _query("offset", "How many to skip.", {"type": "integer", "minimum": 0}),
                _query("limit", f"At most {MAX_LIMIT}.", {"type": "integer", "minimum": 0}),
                _query("sort", "Such as `-orderDate,+name`."),
            ],
        },
    )


def retrieve_operation(resource: str, document: type[Document]) -> Operation:
    return _operation(
        "retrieve",
        resource,
        answers={200: _whole(document), 304: {"description": "If-None-Match names this version."}},
        problems=(404, 503),
        extra={"parameters": [_FIELDS, _request_header("If-None-Match")]},
    )


def create_operation(
    resource: str,
    document: type[Document],
    *,
    required: Iterable[str],
    inside_another: bool = False,
) -> Operation:
    """With `inside_another`, the collection is part of a resource that may not exist: 404."""
    headers = {"Location": _header("Equal to the href.")}
    body = request_body(document, required=required)
    shown = _HUB if document is Hub else EXAMPLES.get(resource)
    if shown:
        body["content"]["application/json"]["example"] = shown
    return _operation(
        "create",
        resource,
        status=201,
        answers={201: _whole(document, headers)},
        problems=(400, *((404,) if inside_another else ()), 409, 413, 415, 503),
        extra={
            "requestBody": body,
            "parameters": [_request_header("Idempotency-Key")],
        },
    )


def derive_operation(name: str, document: type[Document]) -> Operation:
    """POST `{resource}/{id}/…`: makes another resource of one, once. `name` is the operation's."""
    anything = {"application/json": {"schema": {"type": "object"}, "example": {}}}
    return _operation(
        "create",
        name,
        status=201,
        answers={
            201: _whole(document, {"Location": _header("Equal to the href.")}),
            200: _whole(document) | {"description": "It was made before: the same one."},
        },
        problems=(400, 404, 409, 413, 503),
        extra={
            "requestBody": {"required": False, "content": anything},
            "parameters": [_request_header("Idempotency-Key")],
        },
    )


def patch_operation(resource: str, document: type[Document]) -> Operation:
    body = request_body(document, required=())
    body["content"]["application/merge-patch+json"] = body["content"]["application/json"]
    return _operation(
        "patch",
        resource,
        answers={200: _whole(document)},
        problems=(400, 404, 409, 412, 413, 415, 503),
        extra={"requestBody": body, "parameters": [_request_header("If-Match")]},
    )


def delete_operation(resource: str) -> Operation:
    return _operation(
        "delete",
        resource,
        status=204,
        answers={204: {"description": "Deleted."}},
        problems=(404, 409, 412, 503),
        extra={"parameters": [_request_header("If-Match")]},
    )


def request_body(model: type[BaseModel], *, required: Iterable[str]) -> dict[str, Any]:
    """The body of a POST or PATCH: the model's attributes, of which only `required` are needed.

    `required` may hold dotted paths; a schema can only say the first step of them.
    """
    name = model.__name__
    schema = model.model_json_schema(
        by_alias=True, ref_template=f"#/components/schemas/{name}.{{model}}"
    )
    parts = schema.pop("$defs", {})
    first = sorted({attribute.partition(".")[0] for attribute in required})
    schema.pop("required", None)
    schema |= {"title": f"{name}Request"} | ({"required": first} if first else {})
    return {
        "required": True,
        "content": {"application/json": {"schema": schema}},
        COMPONENTS: {f"{name}.{part}": found for part, found in parts.items()},
    }


def _operation(
    verb: str,
    resource: str,
    *,
    answers: dict[int | str, dict[str, Any]],
    problems: Iterable[int],
    extra: dict[str, Any],
    status: int = 200,
) -> Operation:
    refusals: dict[int | str, dict[str, Any]] = {code: {} for code in problems}
    return {
        "operation_id": f"{verb}{resource[0].upper()}{resource[1:]}",
        "summary": _SUMMARIES[verb].format(_HUMP.sub(" ", resource).lower()),
        "status_code": status,
        "responses": answers | refusals,
        "response_class": Response,
        "response_model": None,
        "openapi_extra": extra,
    }


def _whole(document: type[Document], headers: dict[str, Any] | None = None) -> dict[str, Any]:
    etag = {"ETag": _header("The version, for If-Match and If-None-Match.")}
    return {
        "model": document,
        "description": "The full resource.",
        "headers": etag | (headers or {}),
    }


def _header(description: str, kind: str = "string") -> dict[str, Any]:
    return {"description": description, "schema": {"type": kind}}


def _query(name: str, description: str, schema: dict[str, Any] | None = None) -> dict[str, Any]:
    return {
        "name": name,
        "in": "query",
        "description": description,
        "schema": schema or {"type": "string"},
    }


def _request_header(name: str) -> dict[str, Any]:
    return {"name": name, "in": "header", "schema": {"type": "string"}}


_FIELDS = _query("fields", "First-level attributes to return beside id and href, or `none`.")
