"""The outbox: messages that become visible with the commit they belong to, never before."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

import orjson
from dualbus_kit.causation import Cause, current_cause
from dualbus_kit.clock import timestamp, timestamp_now
from dualbus_kit.errors import Invalid
from dualbus_kit.ids import new_uuid

from dualbus_events.aggregate import RecordedEvent
from dualbus_events.facts import EventType
from dualbus_events.tasks import (
    HEARTBEAT_TOPIC,
    Task,
    TaskOutcome,
    participant_of,
    reply_body,
    task_topic,
)
from dualbus_events.writes import Write

SHARDS = 16
MAX_MESSAGE_BYTES = 900_000
TASK_SCHEMA = "/schemas/Task/1"
REPLY_SCHEMA = "/schemas/TaskReply/1"


class MessageTooLarge(Invalid):
    code = "messageTooLarge"
    reason = "The resource is too large to be published"


@dataclass(frozen=True, slots=True)
class OutboxMessage:
    """One row of the outbox: bytes that are made once and never parsed on their way."""

    event_id: UUID
    topic: str
    key: str
    event_type: str
    version: int
    headers: bytes
    payload: bytes

    @property
    def shard(self) -> int:
        """Rows of one key are always in one shard, and a shard has one relay at a time."""
        return zlib.crc32(self.key.encode()) & (SHARDS - 1)


def fact_messages(
    source: str, event: RecordedEvent, *, key: str, customer_id: str | None
) -> list[OutboxMessage]:
    """A recorded event in every major version of its topic that is published.

    All have one `ce_id`: to a consumer that goes from one major to the other, or reads both for a
    while, they are the same event, which its inbox lets through once.
    """
    first = fact_message(source, event, key=key, customer_id=customer_id)
    others = event.event_type.topic.beside
    if not others:
        return [first]
    resource = orjson.loads(event.body)
    translated = [
        fact_message(
            source,
            replace(
                event,
                event_type=EventType(event.event_type.name, other.topic),
                body=orjson.dumps(other.translate(resource)),
            ),
            key=key,
            customer_id=customer_id,
            event_id=first.event_id,
        )
        for other in others
    ]
    return [first, *translated]


def fact_message(
    source: str,
    event: RecordedEvent,
    *,
    key: str,
    customer_id: str | None,
    event_id: UUID | None = None,
) -> OutboxMessage:
    """A recorded event in TM Forum's notification form, the resource's stored bytes inside."""
    event_id = event_id or new_uuid()
    topic = event.event_type.topic
    notification = orjson.dumps(
        {
            "eventId": str(event_id),
            "eventTime": event.time,
            "eventType": event.event_type.name,
            "correlationId": event.cause.correlation_id,
            "domain": topic.owner,
        }
    )
    payload = b'%b,"event":{"%b":%b}}' % (notification[:-1], topic.resource.encode(), event.body)
    return _message(
        event_id=event_id,
        topic=topic.name,
        key=key,
        event_type=event.event_type.name,
        dataschema=event.event_type.dataschema,
        version=event.version,
        source=source,
        time=event.time,
        cause=event.cause,
        customer_id=customer_id,
        payload=payload,
    )


def task_message(source: str, task: Task) -> OutboxMessage:
    """A task for a participant; key = process id, so one process's messages stay in order."""
    return _message(
        event_id=new_uuid(),
        topic=task_topic(participant_of(task.type)),
        key=task.process_id,
        event_type=task.type,
        dataschema=TASK_SCHEMA,
        version=0,
        source=source,
        time=timestamp_now(),
        cause=task.cause,
        customer_id=task.customer_id,
        payload=task.body(),
    )


def reply_message(source: str, address: "ReplyAddress", outcome: TaskOutcome) -> OutboxMessage:
    """A participant's answer."""
    return _message(
        event_id=new_uuid(),
        topic=address.reply_to,
        key=address.process_id,
        event_type=f"{address.task_type}.reply",
        dataschema=REPLY_SCHEMA,
        version=0,
        source=source,
        time=timestamp_now(),
        cause=address.cause,
        customer_id=address.customer_id,
        payload=reply_body(address.task_id, address.process_id, outcome),
    )


def posted_event_message(
    source: str,
    *,
    topic: str,
    key: str,
    event_type: str,
    sequence: int,
    time: str,
    customer_id: str | None,
    payload: bytes,
    event_id: UUID,
) -> OutboxMessage:
    """An event that somebody else states: its bytes go on as they are.

    `sequence` counts those of its key: 1, 2, 3 … without gaps.
    """
    return _message(
        event_id=event_id,
        topic=topic,
        key=key,
        event_type=event_type,
        dataschema=None,
        version=sequence,
        source=source,
        time=time,
        cause=current_cause(),
        customer_id=customer_id,
        payload=payload,
    )


def heartbeat_message(
    source: str, service: str, *, now: datetime, published_up_to: datetime
) -> OutboxMessage:
    """All that the service committed up to `published_up_to` was on its topics at `now`."""
    beat = {
        "service": service,
        "time": timestamp(now),
        "publishedUpTo": timestamp(published_up_to),
    }
    return _message(
        event_id=new_uuid(),
        topic=HEARTBEAT_TOPIC.name,
        key=service,
        event_type="heartbeat",
        dataschema=None,
        version=0,
        source=source,
        time=timestamp(now),
        cause=current_cause(),
        customer_id=None,
        payload=orjson.dumps(beat),
    )


@dataclass(frozen=True, slots=True)
class ReplyAddress:
    """Where the answer to a task goes, kept with the task until it is answered."""

    task_id: str
    task_type: str
    process_id: str
    reply_to: str
    customer_id: str | None
    cause: Cause


def _message(
    *,
    event_id: UUID,
    topic: str,
    key: str,
    event_type: str,
    dataschema: str | None,
    version: int,
    source: str,
    time: str,
    cause: Cause,
    customer_id: str | None,
    payload: bytes,
) -> OutboxMessage:
    headers = {
        "ce_specversion": "1.0",
        "ce_id": str(event_id),
        "ce_source": f"/{source}",
        "ce_type": event_type,
        "ce_time": time,
        "ce_subject": key,
        "ce_sequence": str(version),
        "ce_correlationid": cause.correlation_id,
        "content-type": "application/json",
    }
    if dataschema:
        headers["ce_dataschema"] = dataschema
    if cause.causation_id:
        headers["ce_causationid"] = cause.causation_id
    if cause.traceparent:
        headers["traceparent"] = cause.traceparent
    if customer_id:
        headers["ce_customerid"] = customer_id
    encoded = orjson.dumps(headers)
    # A record that the broker refuses would stop the relay: refuse it before the commit instead.
    if len(payload) + len(encoded) > MAX_MESSAGE_BYTES:
        raise MessageTooLarge(f"{event_type} of {key} has {len(payload)} bytes")
    return OutboxMessage(event_id, topic, key, event_type, version, encoded, payload)


_INSERT = """
INSERT INTO outbox (shard, event_id, topic, key, event_type, agg_version, headers, payload)
SELECT * FROM unnest($1::smallint[], $2::uuid[], $3::text[], $4::bytea[], $5::text[],
                     $6::bigint[], $7::bytea[], $8::bytea[]) WHERE :earlier
"""


def write_of_messages(messages: Sequence[OutboxMessage]) -> Write:
    """All messages of a unit of work, in their order: the last of what it writes."""
    arguments = (
        [m.shard for m in messages],
        [m.event_id for m in messages],
        [m.topic for m in messages],
        [m.key.encode() for m in messages],
        [m.event_type for m in messages],
        [m.version for m in messages],
        [m.headers for m in messages],
        [m.payload for m in messages],
    )
    return Write(_INSERT, arguments, len(messages), _not_written)


def _not_written() -> Exception:
    return RuntimeError("the outbox did not take all messages")
