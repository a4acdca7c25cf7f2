"""`/ops/parked`: what an operator sees and does about keys whose messages can't be handled."""

from collections.abc import Mapping, Sequence
from typing import Any

import structlog
from dualbus_kit.errors import NotFound
from fastapi import APIRouter, Request
from pydantic import BaseModel

from dualbus_events.batches import BatchApplier, ConsumerSpec
from dualbus_events.parking import ParkedKey, parked_keys
from dualbus_events.unit_of_work import Database

log = structlog.get_logger(__name__)


class NothingParked(NotFound):
    code = "nothingParked"
    reason = "No such key is parked"


class ParkedSelection(BaseModel):
    """Which parked keys are meant: all of them, those of a topic, or one."""

    topic: str | None = None
    key: str | None = None


def operations_router(consumers: Sequence[ConsumerSpec]) -> APIRouter:
    """List parked keys, handle them again, or skip the message each of them stands at."""
    router = APIRouter(prefix="/ops/parked", tags=["operations"])
    specs = {spec.number: spec for spec in consumers}

    @router.get("", operation_id="listParked")
    async def list_parked(request: Request) -> dict[str, Any]:
        """Every parked key, the oldest first, with its reason and number of messages."""
        async with _database(request).pool.acquire() as connection:
            found = await parked_keys(connection)
        return {"parked": [_shown(one, specs) for one in found]}

    @router.post("/retry", operation_id="retryParked")
    async def retry_parked(request: Request, selection: ParkedSelection) -> dict[str, Any]:
        """Handle messages again, in their order; a key that fails again stays parked."""
        database = _database(request)
        chosen = await _choose(database, selection)
        return {"retried": [await _retry(database, specs, one) for one in chosen]}

    @router.post("/skip", operation_id="skipParked")
    async def skip_parked(request: Request, selection: ParkedSelection) -> dict[str, Any]:
        """Drop the first message of each key for good, then handle what stood behind it."""
        database = _database(request)
        chosen = await _choose(database, selection)
        for one in chosen:
            await BatchApplier(database, specs[one.consumer]).skip((one.topic, one.raw_key))
            log.warning("parked message skipped", topic=one.topic, key=one.key)
        return {"retried": [await _retry(database, specs, one) for one in chosen]}

    return router


def _database(request: Request) -> Database:
    database: Database = request.app.state.service.database
    return database


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


async def _retry(
    database: Database, specs: Mapping[int, ConsumerSpec], parked: ParkedKey
) -> dict[str, Any]:
    shown = {"topic": parked.topic, "key": parked.key}
    try:
        handled = await BatchApplier(database, specs[parked.consumer]).release(
            (parked.topic, parked.raw_key)
        )
    except Exception as error:  # one key that still fails must not keep the others parked
        log.warning("key stays parked", topic=parked.topic, key=parked.key, error=repr(error))
        return {**shown, "free": False, "reason": f"{type(error).__name__}: {error}"[:1000]}
    return {**shown, "free": True, "handled": handled}


def _shown(parked: ParkedKey, specs: Mapping[int, ConsumerSpec]) -> dict[str, Any]:
    spec = specs.get(parked.consumer)
    return {
        "consumer": spec.group if spec else str(parked.consumer),
        "topic": parked.topic,
        "key": parked.key,
        "reason": parked.reason,
        "parkedAt": parked.parked_at,
        "messages": parked.messages,
    }
