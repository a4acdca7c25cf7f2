"""What a rebuild stages and merges is what the serving projection makes of the same log."""

import asyncio
import random
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import asyncpg
import pytest
from dualbus_events.messages import open_envelope
from dualbus_events.outbox import OutboxMessage
from dualbus_kit.ids import new_id
from ods_svc.projection.batch import projected
from ods_svc.projection.facts import ProjectedFact, upsert_facts
from ods_svc.projection.timeline import add_to_timeline
from ods_svc.rebuild import twin
from ods_svc.rebuild.fill import aim_at_twin
from ods_svc.rebuild.staging import create_staging, is_staging, merge, stage
from ods_svc.service import ods_service

from tests.harness import drop_database, fresh_database, record_of
from tests.ods.ods_samples import a_customer, a_fact, an_order
from tests.waiting import eventually

_FACTS = (
    "SELECT resource, id, version, event_type, event_time, deleted, customer_id, "
    "other_customer_ids, party_id, state, body, life_since FROM {}.fact ORDER BY 1, 2"
)
_TIMELINE = "SELECT * FROM {}.timeline ORDER BY 1, 2, 3"


@asynccontextmanager
async def _twin(server: str) -> AsyncIterator[list[asyncpg.Connection]]:
    """Three sessions on a new database in which a rebuild was begun."""
    dsn = await fresh_database(server, ods_service())
    sessions = [await asyncpg.connect(dsn) for _ in range(3)]
    try:
        async with sessions[0].transaction():
            await twin.create_schema(sessions[0])
            await twin.index_table(sessions[0], "track")
            await create_staging(sessions[0])
        yield sessions
    finally:
        await asyncio.gather(*(session.close() for session in sessions))
        await drop_database(server, dsn)


def _a_log() -> list[ProjectedFact]:
    """Every way in which events of a resource may follow each other."""
    customer = new_id()
    friends = [{"id": f"{customer}-{n}", "role": "customer"} for n in range(3)]
    lives: list[list[tuple[int, int, str | None]]] = [
        [(1, 1, None), (2, 2, None), (3, 3, "DeleteEvent")],
        [(3, 3, "DeleteEvent"), (2, 2, None), (1, 1, None)],
        [(1, 1, None), (2, 2, "DeleteEvent"), (1, 10, None), (2, 11, None)],
        [(1, 10, None), (3, 3, "DeleteEvent"), (2, 2, None), (2, 12, None)],
        [(1, 1, None), (2, 2, "DeleteEvent"), (1, 5, None), (2, 6, "DeleteEvent"), (1, 9, None)],
        [(2, 2, "DeleteEvent"), (2, 2, "DeleteEvent"), (1, 5, "SnapshotEvent")],
        [(4, 4, None), (5, 5, "SnapshotEvent"), (3, 3, None)],
    ]
    messages: list[OutboxMessage] = [
        a_customer(customer),
        an_order(new_id(), customer),
        *(a_fact("troubleTicket", {"id": new_id(), "relatedParty": friends}) for _ in range(2)),
        a_fact("productOffering", {"id": new_id(), "name": "of nobody"}),
    ]
    for life in lives:
        id_ = new_id()
        messages += [
            a_fact(
                "product",
                {"id": id_, "name": f"Ünïcode {version} at {at}", "status": "active"},
                version=version,
                customer=customer,
                event=event,
                at=at,
            )
            for version, at, event in life
        ]
    return projected(open_envelope(record_of(message)) for message in messages).facts


def _shuffled(facts: Sequence[ProjectedFact], seed: int) -> list[ProjectedFact]:
    """Other resources in between, the order of each resource's own kept."""
    waiting: dict[str, list[ProjectedFact]] = defaultdict(list)
    for fact in facts:
        waiting[fact.id].append(fact)
    turns = [fact.id for fact in facts]
    random.Random(seed).shuffle(turns)
    return [waiting[id_].pop(0) for id_ in turns]


def _in_threes(facts: Sequence[ProjectedFact]) -> list[Sequence[ProjectedFact]]:
    return [facts[at : at + 3] for at in range(0, len(facts), 3)]


async def _serve(connection: asyncpg.Connection, facts: Sequence[ProjectedFact]) -> None:
    """As the serving projection does, whose batches are small."""
    for batch in _in_threes(facts):
        await upsert_facts(connection, batch)
        await add_to_timeline(connection, batch)


async def _merge(connection: asyncpg.Connection, beside: asyncpg.Connection) -> None:
    for session in (connection, beside):
        await aim_at_twin(session)
    await merge(connection, beside)


async def _tables(connection: asyncpg.Connection, schema: str) -> list[list[asyncpg.Record]]:
    return [await connection.fetch(query.format(schema)) for query in (_FACTS, _TIMELINE)]


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_merged_twin_is_what_the_serving_projection_makes_of_the_same_log(
    postgres_dsn: str, seed: int
) -> None:
    log = _shuffled(_a_log(), seed)
    log += log[::2]  # a relay that died before it knew what it had sent
    async with _twin(postgres_dsn) as (connection, beside, _):
        await _serve(connection, log)
        for batch in _in_threes(log):
            await stage(connection, batch)
        await _merge(connection, beside)
        served = await _tables(connection, "public")
        made = await _tables(connection, twin.NEXT)
        staging, indexed = await is_staging(connection), await twin.has_indexes_of_today(connection)

    assert made == served
    assert (staging, indexed) == (False, True)


async def test_merge_that_was_interrupted_begins_again_with_what_came_meanwhile(
    postgres_dsn: str,
) -> None:
    log = _a_log()
    async with _twin(postgres_dsn) as (connection, beside, watcher):
        await _serve(connection, log)
        await stage(connection, log[:-4])
        async with watcher.transaction():
            # What is staged can't be dropped, the last thing that a merge does.
            await watcher.execute("LOCK TABLE next.staged IN ACCESS SHARE MODE")
            first = asyncio.create_task(_merge(connection, beside))
            await eventually(lambda: _waits_to_drop(watcher), seconds=60)
            first.cancel()
            await asyncio.gather(first, return_exceptions=True)
        await stage(connection, log[-4:])
        await _merge(connection, beside)
        served = await _tables(connection, "public")
        made = await _tables(connection, twin.NEXT)

    assert made == served


async def _waits_to_drop(connection: asyncpg.Connection) -> bool:
    waits: bool = await connection.fetchval(
        "SELECT EXISTS (SELECT FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND NOT granted "
        "AND relation = 'next.staged'::regclass)"
    )
    return waits
