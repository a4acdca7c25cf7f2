"""The tracer on OpenTelemetry's SDK; imported only where traces are exported."""

from collections.abc import Sequence

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import Decision, Sampler, SamplingResult
from opentelemetry.trace import Link, SpanKind, Status, StatusCode
from opentelemetry.trace.span import TraceState
from opentelemetry.util.types import Attributes as OtelAttributes

from dualbus_kit.tracing import Attributes, Kind

_KINDS = {
    "server": SpanKind.SERVER,
    "producer": SpanKind.PRODUCER,
    "consumer": SpanKind.CONSUMER,
    "client": SpanKind.CLIENT,
}


class OtlpTracer:
    """Exports in the background, in batches; what is left goes out when the process ends."""

    def __init__(self, service: str) -> None:
        provider = TracerProvider(resource=Resource.create({"service.name": service}))
        provider.sampler = _SampledWithItsMessages(provider.sampler)
        provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        self._provider = provider
        self._tracer = provider.get_tracer("dualbus")

    def start(
        self,
        name: str,
        kind: Kind,
        *,
        parent: str | None = None,
        links: Sequence[str] = (),
        attributes: Attributes | None = None,
    ) -> "OtlpSpan":
        return OtlpSpan(
            self._tracer.start_span(
                name,
                # Never the context of whatever else runs: parents are said, not guessed.
                context=_context(parent) if parent else Context(),
                kind=_KINDS[kind],
                links=[Link(_span_context(link)) for link in links],
                attributes=dict(attributes or {}),
            )
        )

    def flush(self) -> None:
        """Export what has ended."""
        self._provider.force_flush()

    def shutdown(self) -> None:
        """Export what has ended, and no more."""
        self._provider.shutdown()


class OtlpSpan:
    """One span of the SDK."""

    def __init__(self, span: trace.Span) -> None:
        self._span = span

    @property
    def traceparent(self) -> str:
        context = self._span.get_span_context()
        return f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"

    def rename(self, name: str, attributes: Attributes) -> None:
        self._span.update_name(name)
        self._span.set_attributes(dict(attributes))

    def end(self, error: BaseException | None = None) -> None:
        if error is not None:
            self._span.set_attribute("error.type", type(error).__name__)
            self._span.set_status(Status(StatusCode.ERROR, str(error)[:1000]))
        self._span.end()


class _SampledWithItsMessages(Sampler):
    """A batch's span has no parent, only links: it is wanted when one of its messages is."""

    def __init__(self, other: Sampler) -> None:
        self._other = other

    def should_sample(  # noqa: PLR0917 - the signature is the SDK's
        self,
        parent_context: Context | None,
        trace_id: int,
        name: str,
        kind: SpanKind | None = None,
        attributes: OtelAttributes = None,
        links: Sequence[Link] | None = None,
        trace_state: TraceState | None = None,
    ) -> SamplingResult:
        if any(link.context.trace_flags.sampled for link in links or ()):
            return SamplingResult(Decision.RECORD_AND_SAMPLE, attributes)
        return self._other.should_sample(
            parent_context, trace_id, name, kind, attributes, links, trace_state
        )

    def get_description(self) -> str:
        return f"SampledWithItsMessages({self._other.get_description()})"


def _context(traceparent: str) -> Context:
    return trace.set_span_in_context(trace.NonRecordingSpan(_span_context(traceparent)), Context())


def _span_context(traceparent: str) -> trace.SpanContext:
    _, trace_id, span_id, flags = traceparent.split("-")
    return trace.SpanContext(
        trace_id=int(trace_id, 16),
        span_id=int(span_id, 16),
        is_remote=True,
        trace_flags=trace.TraceFlags(int(flags, 16)),
    )
