"""`/ops/parked`: keys whose messages can't be handled, and what an operator does about them."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import orjson
import structlog
from dualbus_kit.errors import Invalid, NotFound
from fastapi import APIRouter, Query, Request
from pydantic import BaseModel

from dualbus_events.batches import BatchApplier, ConsumerSpec
from dualbus_events.operations.audit import audited
from dualbus_events.operations.requests import database_of
from dualbus_events.parked_events import (
    EventReference,
    ParkedEvent,
    events_by_key,
    find_parked_events,
    is_parked,
    replace_parked_event,
)
from dualbus_events.parking import Key, ParkedKey, forget_parked, lock_parked_key, parked_keys
from dualbus_events.unit_of_work import Database

log = structlog.get_logger(__name__)

Specs = Mapping[int, ConsumerSpec]


class NothingParked(NotFound):
    code = "nothingParked"
    reason = "No such key or message is parked"


class NotAnEvent(Invalid):
    code = "notAnEvent"
    reason = "A parked message is named by its event id or by topic/partition/offset"


class ParkedSelection(BaseModel):
    """Which parked keys are meant: all of them, those of a topic, or one."""

    topic: str | None = None
    key: str | None = None


class SkippedEvent(ParkedSelection):
    """Which message is dropped: `event`, or the one that the selected keys stand at."""

    event: str | None = None


class EditedEvent(BaseModel):
    """What a parked message shall say. Without headers, those it has stay."""

    event: str
    headers: dict[str, str] | None = None
    value: Any


def parked_router(consumers: Sequence[ConsumerSpec]) -> APIRouter:
    """List parked keys and their messages; handle them again, drop or edit one."""
    router = APIRouter(prefix="/ops/parked", tags=["operations"])
    specs = {spec.number: spec for spec in consumers}

    @router.get("", operation_id="listParked")
    async def list_parked(request: Request) -> dict[str, Any]:
        """Every parked key, the oldest first, with its reason and number of messages."""
        async with database_of(request).pool.acquire() as connection:
            found = await parked_keys(connection)
        return {"parked": [_shown_key(one, specs) for one in found]}

    @router.get("/event", operation_id="listParkedEvent")
    async def list_parked_event(
        request: Request,
        event: str | None = None,
        topic: str | None = None,
        key: str | None = None,
        limit: Annotated[int, Query(ge=1, le=10_000)] = 1000,
    ) -> dict[str, Any]:
        """Parked messages with their headers, value and error, in the order they stand in."""
        async with database_of(request).pool.acquire() as connection:
            found = await find_parked_events(
                connection,
                _reference(event),
                topic=topic,
                key=key.encode() if key is not None else None,
                limit=limit,
            )
        return {"event": [_shown_event(one, specs) for one in found]}

    @router.post("/retry", operation_id="retryParked")
    async def retry_parked(request: Request, selection: ParkedSelection) -> dict[str, Any]:
        """Handle messages again, in their order; a key that fails again stays parked."""
        chosen = await _choose(database_of(request), selection)
        keys = [(one.consumer, (one.topic, one.raw_key)) for one in chosen]
        return {"retried": [await _retry(request, specs, *one) for one in keys]}

    @router.post("/skip", operation_id="skipParked")
    async def skip_parked(request: Request, skipped: SkippedEvent) -> dict[str, Any]:
        """Drop messages for good, then handle what stood behind them."""
        events = await _events_to_skip(database_of(request), skipped)
        for event in events:
            async with audited(request, "parked.skip", event.position, before=event.content):
                await _drop(database_of(request), event)
        keys = list(events_by_key(events))
        return {"retried": [await _retry(request, specs, *one) for one in keys]}

    @router.post("/edit", operation_id="editParked")
    async def edit_parked(request: Request, edited: EditedEvent) -> dict[str, Any]:
        """Replace what a parked message says. It keeps its place; its key stays parked."""
        database = database_of(request)
        async with database.pool.acquire() as connection:
            found = await find_parked_events(connection, _reference(edited.event))
        if not found:
            raise NothingParked(edited.event)
        for event in found:
            async with audited(
                request, "parked.edit", event.position, before=event.content
            ) as entry:
                entry.after = await _edit(database, event, edited)
        return {"edited": [one.position for one in found]}

    return router


def _reference(event: str | None) -> EventReference | None:
    if event is None:
        return None
    try:
        return EventReference.parse(event)
    except ValueError:
        raise NotAnEvent(event) from None


async def _choose(database: Database, selection: ParkedSelection) -> list[ParkedKey]:
    async with database.pool.acquire() as connection:
        found = await parked_keys(connection)
    chosen = [
        one
        for one in found
        if selection.topic in (None, one.topic) and selection.key in (None, one.key)
    ]
    if not chosen and (selection.topic or selection.key):
        raise NothingParked(f"{selection.topic or 'any topic'}, {selection.key or 'any key'}")
    return chosen


async def _events_to_skip(database: Database, skipped: SkippedEvent) -> list[ParkedEvent]:
    """The named message, or the first of each selected key: the one that it stands at."""
    if skipped.event is not None:
        async with database.pool.acquire() as connection:
            events = await find_parked_events(connection, _reference(skipped.event))
        if not events:
            raise NothingParked(skipped.event)
        return events
    firsts: list[ParkedEvent] = []
    for one in await _choose(database, skipped):
        async with database.pool.acquire() as connection:
            events = await find_parked_events(connection, topic=one.topic, key=one.raw_key)
        firsts += [event for event in events if event.consumer == one.consumer][:1]
    return firsts


async def _drop(database: Database, event: ParkedEvent) -> None:
    async with database.unit_of_work() as uow:
        if await lock_parked_key(uow.connection, event.consumer, event.key):
            place = (event.partition, event.offset)
            await forget_parked(uow.connection, event.consumer, event.key, [place])


async def _edit(database: Database, event: ParkedEvent, edited: EditedEvent) -> dict[str, Any]:
    headers = event.headers if edited.headers is None else edited.headers
    async with database.unit_of_work() as uow:
        # The key's lock keeps a retry from handling the message while it is being changed.
        locked = await lock_parked_key(uow.connection, event.consumer, event.key)
        if not locked or not await is_parked(uow.connection, event):
            raise NothingParked(event.position)
        payload = orjson.dumps(edited.value)
        await replace_parked_event(uow.connection, event, headers=headers, payload=payload)
    return {"headers": headers, "value": edited.value}


async def _retry(request: Request, specs: Specs, consumer: int, key: Key) -> dict[str, Any]:
    topic, name = key[0], key[1].decode(errors="replace")
    async with audited(request, "parked.retry", f"{topic} {name}") as entry:
        entry.after = shown = await _release(database_of(request), specs[consumer], key)
    return {"topic": topic, "key": name, **shown}


async def _release(database: Database, spec: ConsumerSpec, key: Key) -> dict[str, Any]:
    try:
        handled = await BatchApplier(database, spec).release(key)
    except Exception as error:  # one key that still fails must not keep the others parked
        log.warning("key stays parked", topic=key[0], key=key[1], error=repr(error))
        return {"free": False, "reason": f"{type(error).__name__}: {error}"[:1000]}
    return {"free": True, "handled": handled}


def _group_of(consumer: int, specs: Specs) -> str:
    spec = specs.get(consumer)
    return spec.group if spec else str(consumer)


def _shown_key(parked: ParkedKey, specs: Specs) -> dict[str, Any]:
    return {
        "consumer": _group_of(parked.consumer, specs),
        "topic": parked.topic,
        "key": parked.key,
        "reason": parked.reason,
        "parkedAt": parked.parked_at,
        "messages": parked.messages,
    }


def _shown_event(event: ParkedEvent, specs: Specs) -> dict[str, Any]:
    return {
        "position": event.position,
        "eventId": str(event.event_id) if event.event_id else None,
        "eventType": event.event_type,
        "consumer": _group_of(event.consumer, specs),
        "topic": event.topic,
        "key": event.raw_key.decode(errors="replace"),
        "parkedAt": event.parked_at,
        "errorClass": event.error_class,
        "error": event.error_text,
        **event.content,
    }
