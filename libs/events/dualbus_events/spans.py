"""Spans of the buses: what is sent, what a batch handled, what a message led to.

Names and attributes are those of OpenTelemetry's semantic conventions for messaging. A span costs
more than all else that happens to a message, so messages have one only where their trace is
sampled; nothing here costs anything while no traces are exported.
"""

from collections.abc import Sequence
from dataclasses import replace
from types import TracebackType
from typing import Self

from dualbus_kit.causation import Cause
from dualbus_kit.tracing import Attributes, Span, Tracer, is_sampled, tracer, valid_traceparent

from dualbus_events.broker import OutgoingRecord, TopicPartition
from dualbus_events.messages import Envelope

_MAX_LINKS = 128
"""OpenTelemetry's own limit."""


def send_span(target: TopicPartition, records: Sequence[OutgoingRecord]) -> Span | None:
    """The span of sending a batch, linked to what created its messages; None if no trace is."""
    active = tracer()
    if active is None:
        return None
    links = [link for record in records if (link := _sampled_parent(record))]
    if not links:
        return None
    return active.start(
        f"send {target.topic}",
        "producer",
        links=links[:_MAX_LINKS],
        attributes={
            "messaging.system": "kafka",
            "messaging.operation.type": "send",
            "messaging.operation.name": "send",
            "messaging.destination.name": target.topic,
            "messaging.destination.partition.id": str(target.partition),
            "messaging.batch.message_count": len(records),
        },
    )


def _sampled_parent(record: OutgoingRecord) -> str | None:
    found = next((value for name, value in record.headers if name == "traceparent"), b"")
    parent = valid_traceparent(found.decode("latin-1"))
    return parent if is_sampled(parent) else None


class _OpenSpans:
    """Spans that end together, with the error if there was one."""

    def __init__(self) -> None:
        self._spans: list[Span] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _: type[BaseException] | None, error: BaseException | None, __: TracebackType | None
    ) -> None:
        for span in self._spans:
            span.end(error)


class ProcessSpans(_OpenSpans):
    """The spans of one batch's transaction: one per sampled message, and one that links them.

    A message's span hangs below what sent it, and what its handler records hangs below that span:
    so an order's trace goes on from service to service.
    """

    def __init__(self, group: str) -> None:
        super().__init__()
        self._group = group

    def start(self, envelopes: Sequence[Envelope]) -> list[Envelope]:
        """The messages as handlers get them: those of sampled traces with their own span."""
        active = tracer()
        if active is None:
            return list(envelopes)
        begun = [self._begin(envelope, active) for envelope in envelopes]
        if len(begun) > 1 and self._spans:
            links = [span.traceparent for span in self._spans[:_MAX_LINKS]]
            attributes = {**self._attributes, "messaging.batch.message_count": len(begun)}
            name = f"process {self._group}"
            self._spans.append(active.start(name, "consumer", links=links, attributes=attributes))
        return begun

    def _begin(self, envelope: Envelope, active: Tracer) -> Envelope:
        parent = envelope.cause.traceparent
        if not is_sampled(parent):
            return envelope
        record = envelope.record
        span = active.start(
            f"process {record.topic}",
            "consumer",
            parent=parent,
            attributes={
                **self._attributes,
                "messaging.destination.name": record.topic,
                "messaging.destination.partition.id": str(record.partition),
                "messaging.kafka.offset": record.offset,
                "messaging.kafka.message.key": record.key.decode(errors="replace"),
                "messaging.message.id": str(envelope.event_id),
                "messaging.message.conversation_id": envelope.cause.correlation_id,
                "messaging.message.body.size": len(record.value),
                "cloudevents.event_type": envelope.event_type,
            },
        )
        self._spans.append(span)
        return replace(envelope, cause=replace(envelope.cause, traceparent=span.traceparent))

    @property
    def _attributes(self) -> Attributes:
        return {
            "messaging.system": "kafka",
            "messaging.operation.type": "process",
            "messaging.operation.name": "process",
            "messaging.consumer.group.name": self._group,
        }


class CallSpans(_OpenSpans):
    """The spans of calls to outside systems, each below the message that asked for the call."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self._kind = kind

    def begin(self, cause: Cause, call_id: str, attempts: int) -> Cause:
        """The cause of what the answer leads to: below this call, if its trace is sampled."""
        active = tracer()
        if active is None or not is_sampled(cause.traceparent):
            return cause
        span = active.start(
            f"call {self._kind}",
            "client",
            parent=cause.traceparent,
            attributes={
                "messaging.message.conversation_id": cause.correlation_id,
                "dualbus.call.id": call_id,
                "dualbus.call.attempt": attempts,
            },
        )
        self._spans.append(span)
        return replace(cause, traceparent=span.traceparent)
