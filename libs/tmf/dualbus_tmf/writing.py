"""Answers to POST and PATCH, and merge patch: for declared resources and services' own."""

from collections.abc import Mapping, Set
from typing import Any, TypeVar

from dualbus_events.aggregate import Aggregate
from dualbus_events.document import Document
from fastapi import Response

from dualbus_tmf.bodies import PATCH_TYPES, InvalidBody, parse_body, parse_object, validated
from dualbus_tmf.etags import check_if_match, etag_of
from dualbus_tmf.media_types import JSON

__all__ = [
    "PATCH_TYPES",
    "changed",
    "check_if_match",
    "consistency_token",
    "created",
    "merge_patch",
    "merged",
    "parse_body",
    "parse_object",
]

D = TypeVar("D", bound=Document)
NEVER_PATCHABLE = frozenset(("id", "href"))


class NotPatchable(InvalidBody):
    code = "attributeNotPatchable"
    reason = "An attribute of the patch can't be changed"


def consistency_token(aggregate: Aggregate[Any]) -> str:
    """`productOrder:<id>@<version>`: a read that is given it waits until it sees this write."""
    name = type(aggregate.document).__name__
    return f"{name[0].lower()}{name[1:]}:{aggregate.id}@{aggregate.version}"


def created(aggregate: Aggregate[Any], *, status: int = 201) -> Response:
    """201 with the full resource, the very bytes that are stored, and Location equal to its href.

    Build it after the last `record`; the unit of work commits before it leaves (see `Uow`).
    """
    response = changed(aggregate, status=status)
    if aggregate.document.href:
        response.headers["Location"] = aggregate.document.href
    return response


def changed(aggregate: Aggregate[Any], *, status: int = 200) -> Response:
    """200 with the full resource, its ETag and its consistency token."""
    body = aggregate.state_bytes if aggregate.recorded else aggregate.document.to_bytes()
    return Response(
        body,
        status_code=status,
        media_type=JSON,
        headers={
            "ETag": etag_of(aggregate.version),
            "X-Consistency-Token": consistency_token(aggregate),
        },
    )


def merged(target: object, patch: object) -> object:
    """RFC 7396: absent leaves, null removes, objects merge, everything else replaces."""
    if not isinstance(patch, Mapping):
        return patch
    result = dict(target) if isinstance(target, Mapping) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = merged(result.get(name), value)
    return result


def merge_patch(document: D, patch: Mapping[str, Any], *, unpatchable: Set[str] = frozenset()) -> D:
    """The document after a merge patch, validated anew; the given one is left as it was.

    A null for `@type` takes away what a client made of it; the class stays. Raises NotPatchable,
    naming attributes that are id, href or in `unpatchable` (wire names), and InvalidBody when the
    result is not a valid document.
    """
    refused = sorted(patch.keys() & (NEVER_PATCHABLE | unpatchable))
    if refused:
        raise NotPatchable(f"{', '.join(refused)}: can't be changed by a patch")
    body = merged(document.to_dict(), patch)
    if not isinstance(body, dict):
        raise InvalidBody("The patch is not a JSON object")
    if document.type_ is not None:
        body.setdefault("@type", type(document).__name__)
    return validated(type(document), body)
