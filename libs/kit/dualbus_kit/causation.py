"""Which request or message the running code acts for: its ids go into every event and log line."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

import structlog

from dualbus_kit.ids import new_id
from dualbus_kit.tracing import trace_id_of


@dataclass(frozen=True, slots=True)
class Cause:
    """The request or message that what happens now is caused by.

    `correlation_id` stays the same from the channel's request to the last event it leads to;
    `causation_id` is the id of the message right before; `traceparent` is W3C Trace Context's.
    """

    correlation_id: str
    causation_id: str | None = None
    traceparent: str | None = None


_current: ContextVar[Cause | None] = ContextVar("cause", default=None)


def current_cause() -> Cause:
    """The cause in force, or a new one with a correlation id of its own."""
    return _current.get() or Cause(correlation_id=new_id())


@contextmanager
def caused_by(cause: Cause) -> Iterator[None]:
    """Everything recorded, sent or logged inside carries `cause`."""
    token = _current.set(cause)
    logged = {"correlation_id": cause.correlation_id}
    if cause.traceparent is not None:
        logged["trace_id"] = trace_id_of(cause.traceparent)
    try:
        with structlog.contextvars.bound_contextvars(**logged):
            yield
    finally:
        _current.reset(token)
