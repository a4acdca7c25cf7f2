"""Spans of the buses: what is exported, how spans hang together, and that off means off."""

import subprocess
import sys
from collections.abc import Iterator

import pytest
from dualbus_events.broker import OutgoingRecord, TopicPartition
from dualbus_events.messages import Envelope, open_envelope
from dualbus_events.outbox import task_message
from dualbus_events.spans import ProcessSpans, send_span
from dualbus_kit.causation import Cause
from dualbus_kit.otlp import OtlpTracer
from dualbus_kit.tracing import is_sampled, use_tracer, valid_traceparent

from tests.harness import a_task, record_of
from tests.otlp_receiver import OtlpReceiver, otlp_receiver

TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736"
SAMPLED = f"00-{TRACE_ID}-00f067aa0ba902b7-01"
UNSAMPLED = f"00-{TRACE_ID}-00f067aa0ba902b7-00"


@pytest.fixture
def tracer(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[OtlpTracer, OtlpReceiver]]:
    with otlp_receiver() as receiver:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.endpoint)
        monkeypatch.setenv("OTEL_TRACES_SAMPLER", "parentbased_always_off")
        tracer = OtlpTracer("test-svc")
        use_tracer(tracer)
        yield tracer, receiver
        use_tracer(None)
        tracer.shutdown()


def an_envelope(traceparent: str | None) -> Envelope:
    cause = Cause(correlation_id="c", traceparent=traceparent)
    return open_envelope(record_of(task_message("t", a_task("gadget.make", {}, cause=cause))))


def test_a_message_of_a_sampled_trace_hangs_below_its_sender_and_above_what_it_causes(
    tracer: tuple[OtlpTracer, OtlpReceiver],
) -> None:
    with ProcessSpans("test-svc.test") as spans:
        [handled] = spans.start([an_envelope(SAMPLED)])
    tracer[0].flush()

    [span] = tracer[1].spans()
    assert (span.name, span.service) == ("process task.gadget.v1", "test-svc")
    assert (span.trace_id, span.parent_id) == (TRACE_ID, "00f067aa0ba902b7")
    assert handled.cause.traceparent == f"00-{TRACE_ID}-{span.span_id}-01"
    assert span.attributes["messaging.message.id"] == str(handled.event_id)


def test_a_batch_has_a_span_of_its_own_that_links_its_messages(
    tracer: tuple[OtlpTracer, OtlpReceiver],
) -> None:
    untraced = an_envelope(None)
    with ProcessSpans("test-svc.test") as spans:
        handled = spans.start([an_envelope(SAMPLED), untraced, an_envelope(SAMPLED)])
    tracer[0].flush()

    [batch] = [span for span in tracer[1].spans() if span.trace_id != TRACE_ID]
    messages = tracer[1].spans(TRACE_ID)
    assert (batch.name, batch.attributes["messaging.batch.message_count"]) == (
        "process test-svc.test",
        3,
    )
    assert set(batch.links) == {(TRACE_ID, span.span_id) for span in messages}
    assert len(messages) == 2
    assert handled[1] is untraced


def test_a_batch_that_fails_says_so_in_its_spans(tracer: tuple[OtlpTracer, OtlpReceiver]) -> None:
    def fail() -> None:
        with ProcessSpans("test-svc.test") as spans:
            spans.start([an_envelope(SAMPLED)])
            raise KeyError("customerId")

    with pytest.raises(KeyError):
        fail()
    tracer[0].flush()

    [span] = tracer[1].spans()
    assert span.failed
    assert span.attributes["error.type"] == "KeyError"


def test_the_span_of_sending_links_to_what_created_the_messages(
    tracer: tuple[OtlpTracer, OtlpReceiver],
) -> None:
    record = OutgoingRecord(b"k", b"{}", [("traceparent", SAMPLED.encode())])
    span = send_span(TopicPartition("task.gadget.v1", 3), [record, OutgoingRecord(b"k", b"{}", [])])
    assert span is not None
    span.end()
    tracer[0].flush()

    [sent] = tracer[1].spans()
    assert (sent.name, sent.links) == ("send task.gadget.v1", ((TRACE_ID, "00f067aa0ba902b7"),))


def test_messages_whose_trace_is_not_sampled_have_no_spans(
    tracer: tuple[OtlpTracer, OtlpReceiver],
) -> None:
    envelope = an_envelope(UNSAMPLED)
    with ProcessSpans("test-svc.test") as spans:
        assert spans.start([envelope]) == [envelope]
    tracer[0].flush()

    assert tracer[1].spans() == []


def test_without_a_collector_nothing_of_opentelemetrys_sdk_is_imported() -> None:
    code = (
        "import sys, order_svc.service; from dualbus_kit.tracing import configure_tracing; "
        "configure_tracing('order-svc'); "
        "sys.exit([m for m in sys.modules if m.startswith('opentelemetry.sdk')] or 0)"
    )

    done = subprocess.run([sys.executable, "-c", code], env={}, check=False)

    assert done.returncode == 0


@pytest.mark.parametrize(
    "value",
    ["", "1", "00-0-0-01", f"01-{TRACE_ID}-00f067aa0ba902b7-01", SAMPLED.upper(), SAMPLED + "-x"],
)
def test_what_is_no_traceparent_is_not_handed_on(value: str) -> None:
    assert valid_traceparent(value) is None


def test_the_flag_says_whether_a_trace_is_sampled() -> None:
    assert is_sampled(valid_traceparent(SAMPLED))
    assert not is_sampled(valid_traceparent(UNSAMPLED))
    assert not is_sampled(None)
