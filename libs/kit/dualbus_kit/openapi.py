"""The OpenAPI document of a service: what FastAPI writes, with the answers as they really are."""

from collections.abc import Iterable, Iterator
from functools import cache
from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI

COMPONENTS: Final = "x-components"
"""Where a route's own schema brings the parts it refers to under `#/components/schemas/`."""

_SCHEMAS: Final = "#/components/schemas/"
_PROBLEM_TYPE: Final = "application/problem+json"
_EVERYWHERE: Final = (500, 503)
# The body is wrong, names what is not there, meets a state that forbids it, is too large, no JSON.
_WRITES: Final = (400, 404, 409, 413, 415)
_PROBLEM: Final[dict[str, Any]] = {
    "title": "Problem",
    "description": "RFC 9457 with TM Forum's code and reason.",
    "type": "object",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "string"},
        "detail": {"type": "string", "description": "What was met, and where."},
        "instance": {"type": "string", "description": "The path that was asked for."},
        "code": {"type": "string", "description": "Stable, for programs."},
        "reason": {"type": "string", "description": "One sentence for people."},
        "message": {"type": "string"},
        "errors": {
            "type": "array",
            "description": "Each place of the body that is wrong.",
            "items": {
                "type": "object",
                "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
            },
        },
    },
    "required": ["type", "title", "status", "detail", "instance", "code", "reason", "message"],
    "example": {
        "type": "urn:dualbus:problem:invalidBody",
        "title": "The request body is not valid",
        "status": "400",
        "detail": "name: Field required",
        "instance": "/tmf-api/customerManagement/v4/customer",
        "code": "invalidBody",
        "reason": "The request body is not valid",
        "message": "name: Field required",
        "errors": [{"field": "name", "message": "Field required"}],
    },
}


def describe_problems(app: FastAPI) -> None:
    """Have `/openapi.json` say that every refusal is a problem document.

    Also: invalid parameters are 400 and not FastAPI's 422; what every operation of its kind may
    answer is said of each; schemas that routes wrote themselves stand among the components once;
    where `fields` selects attributes, only id and href are sure to be there.
    """
    plain = app.openapi

    @cache
    def described() -> dict[str, Any]:
        document = plain()
        schemas = document.setdefault("components", {}).setdefault("schemas", {})
        schemas["Problem"] = _PROBLEM
        for path, method, operation in _operations(document):
            _hoist(operation, schemas)
            _select(operation, schemas)
            also = [*_EVERYWHERE, *(_WRITES if method in ("post", "put", "patch") else ())]
            also += [404] if "{" in path else []
            operation["responses"] = _responses(operation["responses"], also)
        for unused in ("HTTPValidationError", "ValidationError"):
            schemas.pop(unused, None)
        return document

    app.openapi = described  # type: ignore[method-assign]


def _select(operation: dict[str, Any], schemas: dict[str, Any]) -> None:
    """What `fields` selects from a resource has its attributes, but maybe not all it must have."""
    if all(parameter["name"] != "fields" for parameter in operation.get("parameters", ())):
        return
    for status in {"200", "206"} & operation["responses"].keys():
        for media in operation["responses"][status]["content"].values():
            schema = media["schema"].get("items", media["schema"])
            whole = schema["$ref"].removeprefix(_SCHEMAS)
            schema["$ref"] = f"{_SCHEMAS}{whole}.Selected"
            schemas[f"{whole}.Selected"] = _selected(schemas[whole])


def _selected(whole: dict[str, Any]) -> dict[str, Any]:
    sure = [name for name in whole.get("required", ()) if name in ("id", "href")]
    title = f"{whole['title']}.Selected"
    description = "The resource, or what `fields` names of it beside id and href."
    return whole | {"title": title, "description": description, "required": sure}


def _operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            yield path, method, operation


def _hoist(operation: dict[str, Any], schemas: dict[str, Any]) -> None:
    """A body's schema becomes a component of its title, with the parts it brings."""
    body = operation.get("requestBody", {})
    schemas.update(body.pop(COMPONENTS, {}))
    for media in body.get("content", {}).values():
        title = media["schema"].get("title")
        if title and "$ref" not in media["schema"]:
            # PATCH demands nothing that POST does.
            name = title if media["schema"].get("required") else f"{title}.Patch"
            schemas[name] = media["schema"]
            media["schema"] = {"$ref": f"{_SCHEMAS}{name}"}


def _responses(responses: dict[str, Any], also: Iterable[int]) -> dict[str, Any]:
    statuses = {"400" if status == "422" else status for status in responses}
    statuses |= {str(status) for status in also}
    return {
        status: _problem(int(status))
        if status.isdigit() and int(status) >= 400
        else responses[status]
        for status in sorted(statuses)
    }


def _problem(status: int) -> dict[str, Any]:
    reference = {"$ref": f"{_SCHEMAS}Problem"}
    return {
        "description": HTTPStatus(status).phrase,
        "content": {_PROBLEM_TYPE: {"schema": reference}},
    }
