"""Every error leaves as `application/problem+json` with TM Forum's code and reason."""

from collections.abc import Mapping

import asyncpg
import orjson
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from pydantic import ValidationError
from starlette.exceptions import HTTPException

from dualbus_kit.database import TRANSIENT_DATABASE_ERRORS
from dualbus_kit.errors import (
    Conflict,
    DomainError,
    Invalid,
    NotFound,
    PreconditionFailed,
    Superseded,
    TooLarge,
    Unavailable,
)

log = structlog.get_logger(__name__)

_STATUS: Mapping[type[DomainError], int] = {
    Invalid: 400,
    NotFound: 404,
    Conflict: 409,
    Superseded: 409,
    PreconditionFailed: 412,
    TooLarge: 413,
    Unavailable: 503,
}
_HTTP_CODES: Mapping[int, str] = {
    404: "notFound",
    405: "methodNotAllowed",
    413: "bodyTooLarge",
    415: "unsupportedMediaType",
}
# A text with U+0000, as a value and inside JSON.
_UNSTORABLE = (asyncpg.CharacterNotInRepertoireError, asyncpg.UntranslatableCharacterError)
_RETRY_AFTER = {"Retry-After": "1"}
_MAX_REPORTED_ERRORS = 20


def status_of(error: DomainError) -> int:
    """The HTTP status of an error's kind."""
    return next(status for kind, status in _STATUS.items() if isinstance(error, kind))


def problem(
    *,
    status: int,
    code: str,
    reason: str,
    detail: str,
    instance: str,
    extra: Mapping[str, object] | None = None,
) -> Response:
    """A problem document: RFC 9457's members beside TM Forum's `code` and `reason`.

    `status` is a text, as in TM Forum's Error, or its generated clients can't read the error;
    RFC 9457 has others ignore a status that is no number.
    """
    body = {
        "type": f"urn:dualbus:problem:{code}",
        "title": reason,
        "status": str(status),
        "detail": detail,
        "instance": instance,
        "code": code,
        "reason": reason,
        "message": detail,
        **(extra or {}),
    }
    return Response(
        orjson.dumps(body, default=str),
        status_code=status,
        media_type="application/problem+json",
        headers=_RETRY_AFTER if status == 503 else None,
    )


def problem_of(error: DomainError, instance: str) -> Response:
    """The problem document of a domain error."""
    return problem(
        status=status_of(error),
        code=error.code,
        reason=error.reason,
        detail=str(error),
        instance=instance,
        extra=error.extra,
    )


def invalid_body(error: ValidationError | RequestValidationError) -> Invalid:
    """A pydantic error as ours: every place that is wrong, as `productOrderItem.0.quantity`."""
    errors = [
        {"field": ".".join(str(part) for part in one["loc"]), "message": one["msg"]}
        for one in error.errors()[:_MAX_REPORTED_ERRORS]
    ]
    first = errors[0]
    return Invalid(f"{first['field'] or 'body'}: {first['message']}", extra={"errors": errors})


def install_problems(app: FastAPI) -> None:
    """Map every exception that can leave an endpoint, once."""

    @app.exception_handler(DomainError)
    async def domain_error(request: Request, error: DomainError) -> Response:
        return problem_of(error, request.url.path)

    @app.exception_handler(ValidationError)
    @app.exception_handler(RequestValidationError)
    async def validation_error(
        request: Request, error: ValidationError | RequestValidationError
    ) -> Response:
        return problem_of(invalid_body(error), request.url.path)

    @app.exception_handler(HTTPException)
    async def http_error(request: Request, error: HTTPException) -> Response:
        reason = str(error.detail)
        code = _HTTP_CODES.get(error.status_code, "httpError")
        return problem(
            status=error.status_code,
            code=code,
            reason=reason,
            detail=f"{request.method} {request.url.path}: {reason}",
            instance=request.url.path,
        )

    async def database_error(request: Request, error: Exception) -> Response:
        log.warning("database unavailable", path=request.url.path, error=repr(error))
        return problem_of(Unavailable("The database can't be reached; try again"), request.url.path)

    for kind in TRANSIENT_DATABASE_ERRORS:
        app.add_exception_handler(kind, database_error)

    async def unstorable_text(request: Request, _: Exception) -> Response:
        return problem_of(Invalid("A text holds U+0000, which none may"), request.url.path)

    for unstorable in _UNSTORABLE:
        app.add_exception_handler(unstorable, unstorable_text)

    @app.exception_handler(Exception)
    async def unexpected(request: Request, error: Exception) -> Response:
        log.error("unexpected error", path=request.url.path, exc_info=error)
        return problem(
            status=500,
            code="internalError",
            reason="The service failed; the failure was logged",
            detail="The service failed; the failure was logged",
            instance=request.url.path,
        )
