"""Request bodies: media type, JSON, model; every refusal says what is wrong and where."""

import math
import re
from typing import Any, TypeVar, cast

import pydantic_core
from dualbus_kit.errors import Invalid
from dualbus_kit.problems import invalid_body
from fastapi import Request
from pydantic import BaseModel, ValidationError
from starlette.exceptions import HTTPException

M = TypeVar("M", bound=BaseModel)

JSON_TYPES = frozenset(("application/json",))
PATCH_TYPES = frozenset(("application/json", "application/merge-patch+json"))
# Only bodies with these bytes are looked through, value by value.
_SUSPECT = re.compile(rb"\\u0000|[eE]\+?\d{3}|\d{309}")


class InvalidBody(Invalid):
    code = "invalidBody"
    reason = "The request body is not valid"


async def parse_object(
    request: Request, *, media_types: frozenset[str] = JSON_TYPES
) -> dict[str, Any]:
    """The body as a JSON object. 415 for other media types, InvalidBody for anything else.

    A request without Content-Type is taken for JSON.
    """
    sent = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if sent and sent not in media_types:
        raise HTTPException(415, f"{sent} is not one of {', '.join(sorted(media_types))}")
    return object_of(await request.body())


def object_of(raw: bytes) -> dict[str, Any]:
    """Raises InvalidBody, naming line and column of malformed JSON."""
    if not raw.strip():
        raise InvalidBody("The body is empty; a JSON object is expected")
    try:
        parsed = pydantic_core.from_json(raw, allow_inf_nan=False)
    except ValueError as error:
        raise InvalidBody(f"The body is not JSON: {error}") from error
    if not isinstance(parsed, dict):
        raise InvalidBody(f"The body is a JSON {_name_of(parsed)}; an object is expected")
    if _SUSPECT.search(raw):
        _refuse_unstorable(parsed, "body")
    return cast(dict[str, Any], parsed)


async def parse_body(request: Request, model: type[M]) -> M:
    """The body as a model; problems name every wrong place, as `productOrderItem.0.quantity`."""
    return validated(model, await parse_object(request))


def validated(model: type[M], body: dict[str, Any]) -> M:
    """Raises Invalid with all places that are wrong."""
    try:
        return model.model_validate(body)
    except ValidationError as error:
        found = invalid_body(error)
        raise InvalidBody(str(found), extra=found.extra) from error


def _name_of(value: object) -> str:
    names = {list: "array", str: "string", bool: "boolean", type(None): "null"}
    return names.get(type(value), "number")


def _refuse_unstorable(value: object, where: str) -> None:
    """What jsonb can't hold: the character U+0000, and numbers beyond a double's range."""
    if isinstance(value, str) and "\0" in value:
        raise InvalidBody(f"{where}: holds the character U+0000, which can't be stored")
    if isinstance(value, float) and math.isinf(value):
        raise InvalidBody(f"{where}: the number is too large")
    if isinstance(value, dict):
        for name, inner in value.items():
            _refuse_unstorable(name, where)
            _refuse_unstorable(inner, f"{where}.{name}")
    if isinstance(value, list):
        for position, inner in enumerate(value):
            _refuse_unstorable(inner, f"{where}.{position}")
