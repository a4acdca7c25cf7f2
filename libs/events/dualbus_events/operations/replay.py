"""`/ops/replay`: hand part of a topic to one consumer once more."""

from collections.abc import AsyncIterator, Sequence
from typing import Any, cast
from uuid import UUID

import orjson
import structlog
from dualbus_kit.errors import Invalid, NotFound
from dualbus_kit.settings import ServiceSettings
from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from dualbus_events.batches import BatchApplier, ConsumerSpec
from dualbus_events.broker import ReceivedRecord
from dualbus_events.log_spans import reading
from dualbus_events.messages import UnreadableMessage, open_envelope
from dualbus_events.operations.audit import AuditEntry, audited
from dualbus_events.operations.requests import database_of

log = structlog.get_logger(__name__)

_BATCH = 500
_HEADERS_SHOWN = ("ce_id", "ce_type", "ce_time", "ce_customerid", "ce_correlationid")


class UnknownConsumer(NotFound):
    code = "unknownConsumer"
    reason = "This service has no such consumer"


class NotSubscribed(Invalid):
    code = "notSubscribed"
    reason = "The consumer does not read this topic"


class ReplayFailed(Exception):
    """A message could not be handled; everything before it was."""

    def __init__(self, record: ReceivedRecord, error: Exception) -> None:
        place = f"{record.topic}/{record.partition}/{record.offset}"
        super().__init__(f"{place}: {type(error).__name__}: {error}")


class Replay(BaseModel):
    """Which messages: of one topic, produced from a moment to another, perhaps of one customer."""

    model_config = ConfigDict(alias_generator=to_camel)

    consumer: str
    topic: str
    from_: AwareDatetime = Field(alias="from")
    to: AwareDatetime
    customer: str | None = None
    dry_run: bool = False


def replay_router(consumers: Sequence[ConsumerSpec]) -> APIRouter:
    """Replays, one JSON object a line while they run."""
    router = APIRouter(prefix="/ops/replay", tags=["operations"])
    specs = {spec.group: spec for spec in consumers}

    @router.post("", operation_id="createReplay", response_class=StreamingResponse)
    async def create_replay(request: Request, replay: Replay) -> StreamingResponse:
        """Handle messages again that this consumer may have handled before.

        Each line is a message (`dryRun`) or says how many were handled so far; the last one has
        `done` or `error`. What was handled before an error stays handled.
        """
        spec = specs.get(replay.consumer)
        if spec is None:
            raise UnknownConsumer(f"{replay.consumer} is none of {', '.join(specs) or 'none'}")
        if replay.topic not in spec.handlers.topics:
            raise NotSubscribed(f"{replay.consumer} does not read {replay.topic}")
        lines = _dry_run(request, replay) if replay.dry_run else _run(request, replay, spec)
        return StreamingResponse(_as_json(lines), media_type="application/x-ndjson")

    return router


async def _as_json(lines: AsyncIterator[dict[str, Any]]) -> AsyncIterator[bytes]:
    async for line in lines:
        yield orjson.dumps(line) + b"\n"


async def _dry_run(request: Request, replay: Replay) -> AsyncIterator[dict[str, Any]]:
    count = 0
    async for records in _chosen(request, replay):
        for record in records:
            yield {"message": _shown(record)}
        count += len(records)
    yield {"done": True, "messages": count, "dryRun": True}


async def _run(
    request: Request, replay: Replay, spec: ConsumerSpec
) -> AsyncIterator[dict[str, Any]]:
    applier = BatchApplier(database_of(request), spec)
    asked = replay.model_dump(mode="json", by_alias=True, exclude_none=True)
    async with audited(request, "replay", f"{replay.consumer} {replay.topic}", before=asked) as e:
        count = 0
        try:
            async for records in _chosen(request, replay):
                await _handle(applier, records)
                count += len(records)
                yield {"messages": count}
        except Exception as error:  # the answer has begun: its last line has to say it
            log.warning("replay failed", consumer=replay.consumer, error=repr(error))
            yield _end(e, {"error": f"{error}" or repr(error), "messages": count})
        else:
            yield _end(e, {"done": True, "messages": count})


def _end(entry: AuditEntry, line: dict[str, Any]) -> dict[str, Any]:
    entry.after = line
    return line


async def _chosen(request: Request, replay: Replay) -> AsyncIterator[list[ReceivedRecord]]:
    """The chosen messages, each once however often the log holds it."""
    settings = cast(ServiceSettings, request.app.state.service.settings)
    seen: set[UUID] = set()
    async with reading(settings.kafka_bootstrap_servers) as reader:
        spans = await reader.spans(
            await reader.partitions([replay.topic]),
            since_ms=int(replay.from_.timestamp() * 1000),
            until_ms=int(replay.to.timestamp() * 1000),
        )
        async for records in reader.read(spans):
            chosen = [record for record in records if _is_chosen(record, replay, seen)]
            for start in range(0, len(chosen), _BATCH):
                yield chosen[start : start + _BATCH]


def _is_chosen(record: ReceivedRecord, replay: Replay, seen: set[UUID]) -> bool:
    try:
        envelope = open_envelope(record)
    except UnreadableMessage:
        return False  # it was parked when it came, and is repaired there
    if replay.customer not in (None, envelope.customer_id) or envelope.event_id in seen:
        return False
    seen.add(envelope.event_id)
    return True


async def _handle(applier: BatchApplier, records: Sequence[ReceivedRecord]) -> None:
    """A batch at once, or one by one up to the message that fails."""
    try:
        await applier.replay(records)
    except Exception as error:
        if len(records) == 1:
            raise ReplayFailed(records[0], error) from error
        for record in records:
            await _handle(applier, [record])


def _shown(record: ReceivedRecord) -> dict[str, Any]:
    headers = {name: value.decode(errors="replace") for name, value in record.headers if value}
    named = {name.removeprefix("ce_"): headers.get(name) for name in _HEADERS_SHOWN}
    return {
        "position": f"{record.topic}/{record.partition}/{record.offset}",
        "key": record.key.decode(errors="replace"),
        **named,
    }
