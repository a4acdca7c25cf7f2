"""What happens to every HTTP request: a correlation id, a size limit, one metric, one span."""

import time
from collections.abc import MutableMapping

from prometheus_client import Histogram
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dualbus_kit.causation import Cause, caused_by
from dualbus_kit.errors import TooLarge
from dualbus_kit.ids import new_id
from dualbus_kit.problems import problem_of
from dualbus_kit.tracing import Attributes, Span, tracer, valid_traceparent

CORRELATION_HEADER = b"x-correlation-id"
_MAX_CORRELATION_ID = 128
# Asked every few seconds, by machines.
_UNTRACED = ("/health", "/metrics")

REQUEST_SECONDS = Histogram(
    "http_server_request_duration_seconds",
    "Time from the first byte of a request to the last of its answer.",
    ["method", "route", "status"],
    buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
)


class RequestMiddleware:
    """Pure ASGI, so that it costs microseconds and passes streams through."""

    def __init__(self, app: ASGIApp, *, max_body_bytes: int) -> None:
        self._app = app
        self._max_body_bytes = max_body_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        span = _span(scope, headers)
        cause = _cause(headers, span)
        started = time.perf_counter()
        status = 500

        async def send_with_correlation(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"].append((CORRELATION_HEADER, cause.correlation_id.encode()))
            await send(message)

        with caused_by(cause):
            try:
                body = _Body(receive, self._max_body_bytes)
                body.check_declared(headers)
                await self._app(scope, body.receive, send_with_correlation)
            except TooLarge as error:
                answer = problem_of(error, scope["path"])
                await answer(scope, receive, send_with_correlation)
            finally:
                route = getattr(scope.get("route"), "path", "unmatched")
                seconds = time.perf_counter() - started
                REQUEST_SECONDS.labels(scope["method"], route, status).observe(seconds)
                if span is not None:
                    _end(span, scope["method"], route, status)


class _Body:
    """Counts what arrives, whatever Content-Length promised."""

    def __init__(self, receive: Receive, limit: int) -> None:
        self._receive = receive
        self._limit = limit
        self._seen = 0

    def check_declared(self, headers: MutableMapping[bytes, bytes]) -> None:
        declared = headers.get(b"content-length", b"0")
        if declared.isdigit() and int(declared) > self._limit:
            raise TooLarge(self._detail)

    async def receive(self) -> Message:
        message = await self._receive()
        self._seen += len(message.get("body", b""))
        if self._seen > self._limit:
            # FastAPI turns any other exception while it reads a body into a 400.
            raise HTTPException(413, self._detail)
        return message

    @property
    def _detail(self) -> str:
        return f"The body is larger than {self._limit} bytes"


def _span(scope: Scope, headers: MutableMapping[bytes, bytes]) -> Span | None:
    active = tracer()
    if active is None or scope["path"].startswith(_UNTRACED):
        return None
    return active.start(
        scope["method"],
        "server",
        parent=_given_traceparent(headers),
        attributes={"http.request.method": scope["method"], "url.path": scope["path"]},
    )


def _end(span: Span, method: str, route: str, status: int) -> None:
    attributes: Attributes = {"http.route": route, "http.response.status_code": status}
    span.rename(f"{method} {route}", attributes)
    span.end(RuntimeError(f"answered {status}") if status >= 500 else None)


def _given_traceparent(headers: MutableMapping[bytes, bytes]) -> str | None:
    return valid_traceparent(headers.get(b"traceparent", b"").decode("latin-1"))


def _cause(headers: MutableMapping[bytes, bytes], span: Span | None) -> Cause:
    given = headers.get(CORRELATION_HEADER, b"").decode("latin-1")
    correlation_id = (
        given if 0 < len(given) <= _MAX_CORRELATION_ID and given.isprintable() else new_id()
    )
    return Cause(
        correlation_id=correlation_id,
        traceparent=span.traceparent if span else _given_traceparent(headers),
    )
