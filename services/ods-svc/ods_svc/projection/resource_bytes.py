"""The owner's resource, cut out of a notification without writing it anew."""

from typing import Any

import orjson
from dualbus_kit.errors import Invalid


class UnreadableFact(Invalid):
    code = "unreadableFact"
    reason = "The event does not hold the resource that its topic is about"


def resource_in(notification: bytes, resource: str) -> tuple[bytes, dict[str, Any]]:
    """The resource's bytes and their parsed form. Raises UnreadableFact.

    Our own outbox writes `event` last and without spaces, so its bytes can be sliced out. What
    others write is parsed whole: a slice that went wrong is never valid JSON.
    """
    marker = b'"event":{"%b":' % resource.encode()
    start = notification.find(marker)
    if start >= 0:
        body = notification[start + len(marker) : -2]
        try:
            parsed = orjson.loads(body)
        except orjson.JSONDecodeError:
            parsed = None
        if isinstance(parsed, dict):
            return body, parsed
    return _parsed_whole(notification, resource)


def _parsed_whole(notification: bytes, resource: str) -> tuple[bytes, dict[str, Any]]:
    try:
        found = orjson.loads(notification)["event"][resource]
    except (orjson.JSONDecodeError, KeyError, TypeError) as error:
        raise UnreadableFact(f"no {resource} in the event: {error}") from error
    if not isinstance(found, dict):
        raise UnreadableFact(f"event.{resource} is not an object")
    return orjson.dumps(found), found
