"""Entity tags: a resource's version in quotes, for If-Match and If-None-Match (RFC 9110)."""

from typing import Any

from dualbus_events.aggregate import Aggregate
from dualbus_kit.errors import PreconditionFailed
from fastapi import Request


def etag_of(version: int) -> str:
    """`"7"` for version 7."""
    return f'"{version}"'


def names_version(header: str, version: int) -> bool:
    """Whether `"3", "7"` or `*` names the version.

    `W/"7"` counts as `"7"`: gateways that compress weaken the tags that pass through them.
    """
    tags = {tag.strip().removeprefix("W/") for tag in header.split(",")}
    return "*" in tags or etag_of(version) in tags


def check_if_match(request: Request, aggregate: Aggregate[Any]) -> None:
    """Raise PreconditionFailed (412) when the client's If-Match names another version."""
    wanted = request.headers.get("if-match")
    if wanted is not None and not names_version(wanted, aggregate.version):
        raise PreconditionFailed(
            f"If-Match names {wanted}, the resource is at {etag_of(aggregate.version)}"
        )
