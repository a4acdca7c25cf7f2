"""Kinds of error. A rule raises a kind; only the edge knows what status or bus action it means."""

from collections.abc import Mapping
from typing import ClassVar


class DomainError(Exception):
    """Something a caller did, or met, that has a name.

    Subclass a kind, never this class. `code` is stable and for programs, `reason` is one short
    sentence for people, and the message (`str(error)`) says what was met and where.
    """

    code: ClassVar[str] = "error"
    reason: ClassVar[str] = "The request failed"

    def __init__(self, detail: str = "", *, extra: Mapping[str, object] | None = None) -> None:
        super().__init__(detail or self.reason)
        self.extra: Mapping[str, object] = extra or {}


class Invalid(DomainError):
    """The input breaks a rule: 400, and a bus message is parked at once."""

    code = "invalid"
    reason = "The request is not valid"


class NotFound(DomainError):
    """What was named does not exist: 404, and a bus message is parked at once."""

    code = "notFound"
    reason = "The resource does not exist"


class Conflict(DomainError):
    """The state forbids it: 409, and a bus message is parked at once."""

    code = "conflict"
    reason = "The state of the resource forbids this"


class Superseded(DomainError):
    """Someone else changed the resource first: 409 over HTTP, a retry on the bus."""

    code = "superseded"
    reason = "The resource was changed by someone else"


class PreconditionFailed(DomainError):
    """`If-Match` names another version than the current one: 412."""

    code = "preconditionFailed"
    reason = "The resource is not at the version that If-Match names"


class TooLarge(DomainError):
    """The body is larger than the service accepts: 413."""

    code = "bodyTooLarge"
    reason = "The request body is too large"


class Unavailable(DomainError):
    """A part this needs can't answer now: 503 with Retry-After, and a retry on the bus."""

    code = "unavailable"
    reason = "The service can't answer now"
