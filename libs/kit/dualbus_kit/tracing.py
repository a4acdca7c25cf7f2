"""Traces across both buses: spans, W3C Trace Context; nothing at all while nobody collects them.

This module imports no OpenTelemetry. `configure_tracing` does, once there is where to export to.
"""

import os
import re
from collections.abc import Mapping, Sequence
from typing import Literal, Protocol

Kind = Literal["server", "producer", "consumer", "client"]
Attributes = Mapping[str, str | int]

_TRACEPARENT = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
_ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")


class Span(Protocol):
    """A piece of work under way."""

    @property
    def traceparent(self) -> str:
        """What to hand on, so that what this work causes hangs below it."""
        ...

    def rename(self, name: str, attributes: Attributes) -> None:
        """Say what became known only on the way."""
        ...

    def end(self, error: BaseException | None = None) -> None: ...


class Tracer(Protocol):
    """Makes spans and exports them."""

    def start(
        self,
        name: str,
        kind: Kind,
        *,
        parent: str | None = None,
        links: Sequence[str] = (),
        attributes: Attributes | None = None,
    ) -> Span:
        """A span below `parent`, linked to others; all are traceparents."""
        ...


_tracer: Tracer | None = None


def tracer() -> Tracer | None:
    """What makes spans; None, and so the end of it, while traces go nowhere."""
    return _tracer


def configure_tracing(service: str) -> None:
    """Export traces over OTLP/HTTP if OTEL_EXPORTER_OTLP_ENDPOINT says where to.

    OpenTelemetry's other variables hold as well: OTEL_TRACES_SAMPLER, OTEL_EXPORTER_OTLP_HEADERS …
    """
    if any(os.environ.get(name) for name in _ENDPOINTS):
        from dualbus_kit.otlp import OtlpTracer

        use_tracer(OtlpTracer(service))


def use_tracer(new: Tracer | None) -> None:
    """Have this process's spans made by `new`."""
    global _tracer  # noqa: PLW0603 - a process has one, as it has one log
    _tracer = new


def valid_traceparent(value: str | None) -> str | None:
    """The value if it is W3C Trace Context's version 00, else None: anyone may send anything."""
    return value if value and _TRACEPARENT.fullmatch(value) else None


def is_sampled(traceparent: str | None) -> bool:
    """Whether whoever began this trace wants it recorded."""
    return traceparent is not None and int(traceparent[-2:], 16) & 1 == 1


def trace_id_of(traceparent: str) -> str:
    """The trace's id: 32 hexadecimal digits."""
    return traceparent[3:35]
