"""`…/facts`: what a database holds of a topic, told so that another can compare itself."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any

from dualbus_kit.errors import NotFound
from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field
from sqlalchemy import MetaData

from dualbus_events.checksums import Checksums, IdRange
from dualbus_events.owned import owned_by
from dualbus_events.snapshot import publish_chunk
from dualbus_events.unit_of_work import Database

_RANGE_SIZE = 1000
_MAX_RANGES = 200
_MAX_IDS = 1000

# Ids whose changes were committed and have not left yet: the outbox has no index by key, so all
# are looked for in one pass.
_IN_OUTBOX = "SELECT DISTINCT key FROM outbox WHERE topic = $1 AND key = ANY($2)"


class UnknownFactTopic(NotFound):
    code = "unknownFactTopic"
    reason = "This service holds no resources of such a topic"


class Range(BaseModel):
    """Ids from `low` to below `high`; without `high` to the end."""

    low: str
    high: str | None = None


class Ranges(BaseModel):
    """At most 200 ranges."""

    ranges: Annotated[list[Range], Field(max_length=_MAX_RANGES)]


class Ids(BaseModel):
    """At most 1,000 ids."""

    ids: Annotated[list[str], Field(max_length=_MAX_IDS)]


class After(BaseModel):
    """Where a snapshot goes on; at the beginning when nothing is said."""

    after: str = ""


def facts_router(
    prefix: str, checksums: Callable[[], Mapping[str, Checksums]], *, waiting: str, name: str
) -> APIRouter:
    """Ranges, checksums of ranges, and single entries of each topic in `checksums`.

    `name` is what the operations call them, since a service may have two such routers.
    `waiting` is SQL that says which of the keys $2 of the topic $1 are still held up here.
    """
    router = APIRouter(prefix=prefix, tags=["operations"])

    def of(topic: str) -> Checksums:
        known = checksums().get(topic)
        if known is None:
            raise UnknownFactTopic(topic)
        return known

    @router.get("/{topic}/ranges", operation_id=f"list{name}Ranges")
    async def list_ranges(
        request: Request, topic: str, size: Annotated[int, Query(ge=1, le=100_000)] = _RANGE_SIZE
    ) -> dict[str, Any]:
        """Ranges of ids with `size` resources each, which together hold every id there can be."""
        async with _database(request).pool.acquire() as connection:
            found = await of(topic).ranges(connection, size=size)
        return {"ranges": [{"low": one.low, "high": one.high} for one in found]}

    @router.post("/{topic}/checksums", operation_id=f"sum{name}s")
    async def sum_facts(request: Request, topic: str, body: Ranges) -> dict[str, Any]:
        """Number and checksum of the resources in each range, in the order of the ranges."""
        ranges = [IdRange(one.low, one.high) for one in body.ranges]
        async with _database(request).pool.acquire() as connection:
            sums = await of(topic).sums(connection, ranges)
        return {"checksums": [one._asdict() for one in sums]}

    @router.post("/{topic}/entries", operation_id=f"list{name}Entries")
    async def list_entries(request: Request, topic: str, body: Range) -> dict[str, Any]:
        """Id, version and digest of every resource in a range."""
        async with _database(request).pool.acquire() as connection:
            entries = await of(topic).in_range(connection, IdRange(body.low, body.high))
        return {"entries": [entry._asdict() for entry in entries]}

    @router.post("/{topic}/lookup", operation_id=f"lookUp{name}s")
    async def look_up(request: Request, topic: str, body: Ids) -> dict[str, Any]:
        """The same for single ids; `waiting` names those whose changes are held up here."""
        checksums_of_topic = of(topic)
        async with _database(request).pool.acquire() as connection:
            # In this order: what left in between is seen as waiting, not as gone astray.
            rows = await connection.fetch(waiting, topic, [id_.encode() for id_ in body.ids])
            entries = await checksums_of_topic.of_ids(connection, body.ids)
        return {
            "entries": [entry._asdict() for entry in entries],
            "waiting": sorted(row["key"].decode() for row in rows),
        }

    return router


def owner_facts_router(service: str, metadata: MetaData) -> APIRouter:
    """`/ops/facts`: the resources that a service owns; those in its outbox are waiting."""

    def checksums() -> Mapping[str, Checksums]:
        # Repositories are known once all modules are loaded, so not before the first request.
        return {
            name: Checksums(f"SELECT id, version, body FROM {repository.table.name}")  # noqa: S608
            for name, (_, repository) in owned_by(service, metadata).items()
        }

    router = facts_router("/ops/facts", checksums, waiting=_IN_OUTBOX, name="Fact")

    @router.post("/{topic}/snapshot", operation_id="publishSnapshot")
    async def publish_snapshot(request: Request, topic: str, body: After) -> dict[str, Any]:
        """Publish the next 500 resources again; go on after `last` until it is null."""
        known = owned_by(service, metadata).get(topic)
        if known is None:
            raise UnknownFactTopic(topic)
        async with _database(request).unit_of_work() as uow:
            chunk = await publish_chunk(uow, *known, after=body.after)
        return chunk._asdict()

    return router


def _database(request: Request) -> Database:
    database: Database = request.app.state.service.database
    return database
