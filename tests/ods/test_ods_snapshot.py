"""Owners publish again what they have: the ODS takes it, and nothing else happens."""

import asyncio

import asyncpg
import orjson
from dualbus_cli.ods.snapshot import snapshot_topic
from dualbus_cli.progress import SilentBoard
from dualbus_events.outbox import OutboxMessage
from ods_svc.service import ods_service

from tests.harness import Harness, running
from tests.ods.ods_samples import a_fact
from tests.ods.owner_and_ods import TOPIC, Pair, owner_and_ods
from tests.waiting import eventually


async def _publish(owner: Harness) -> int:
    return await snapshot_topic(TOPIC, owner.client, board=SilentBoard())


async def _stored(pair: Pair) -> list[tuple[object, ...]]:
    rows = await pair.ods.database.pool.fetch(
        "SELECT id, version, body, customer_id FROM fact ORDER BY id"
    )
    return [
        (row["id"], row["version"], orjson.loads(row["body"]), row["customer_id"]) for row in rows
    ]


async def test_snapshot_mends_whatever_the_ods_lost(postgres_dsn: str) -> None:
    async with owner_and_ods(postgres_dsn) as pair:
        await pair.create(*(f"c{number:04}" for number in range(7)))
        await pair.relay()
        stored, timeline = await _stored(pair), await _timeline(pair)
        pool = pair.ods.database.pool
        await pool.execute("DELETE FROM fact WHERE id = 'c0001'")
        await pool.execute("UPDATE fact SET version = 0 WHERE id = 'c0002'")
        await pool.execute("UPDATE fact SET body = $1 WHERE id = 'c0003'", orjson.dumps({}))

        published = await _publish(pair.owner)
        events = await pair.owner.published(TOPIC)
        await pair.relay()
        mended, timeline_after = await _stored(pair), await _timeline(pair)
        verdict = await pair.verify()

    assert published == 7
    assert {(event.type, event.version) for event in events} == {("CustomerSnapshotEvent", 1)}
    assert mended == stored
    assert verdict.differences == []
    assert (timeline, timeline_after) == (7, 7)


async def _timeline(pair: Pair) -> int:
    count: int = await pair.ods.database.pool.fetchval("SELECT count(*) FROM timeline")
    return count


async def test_snapshot_comes_after_the_change_it_waited_for(postgres_dsn: str) -> None:
    async with owner_and_ods(postgres_dsn) as pair:
        await pair.create("c1")
        changing = await asyncpg.connect(pair.owner.service.settings.database_url)
        change = changing.transaction()
        await change.start()
        await changing.execute("UPDATE customer SET version = 2 WHERE id = 'c1'")

        publishing = asyncio.create_task(_publish(pair.owner))
        await eventually(lambda: _waits_for_a_lock(pair.owner), seconds=25)
        await change.commit()
        await changing.close()
        await publishing
        versions = [event.version for event in await pair.owner.published(TOPIC)]

    assert versions == [1, 2]


async def _waits_for_a_lock(owner: Harness) -> bool:
    return bool(
        await owner.database.pool.fetchval(
            "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() "
            "AND wait_event_type = 'Lock' AND query LIKE '%FOR SHARE%')"
        )
    )


async def test_snapshot_lets_a_crowded_outbox_drain_first(postgres_dsn: str) -> None:
    async with owner_and_ods(postgres_dsn) as pair:
        await pair.create("c1")
        await pair.owner.database.pool.execute(
            "INSERT INTO outbox (shard, event_id, topic, key, event_type, agg_version, headers, "
            "payload) SELECT 0, gen_random_uuid(), $1, 'k', 'x', 1, '{}', '{}' "
            "FROM generate_series(1, 2000)",
            TOPIC,
        )

        crowded = await pair.owner.client.post(f"/ops/facts/{TOPIC}/snapshot", json={})
        await pair.owner.forget_published()
        then = await pair.owner.client.post(f"/ops/facts/{TOPIC}/snapshot", json={})

    assert crowded.json() == {"published": 0, "last": "", "crowded": True}
    assert then.json() == {"published": 1, "last": None, "crowded": False}


async def test_snapshot_never_revives_what_was_deleted(postgres_dsn: str) -> None:
    body = {"id": "p1", "status": "active"}
    gone = a_fact("product", body, version=5, event="DeleteEvent")
    told: OutboxMessage = a_fact("product", body, version=4, event="SnapshotEvent", at=60)
    async with running(ods_service(), postgres_dsn) as ods:
        await ods.deliver(gone)
        await ods.deliver(told)
        await ods.deliver(gone, told)
        [fact] = await ods.database.pool.fetch("SELECT version, deleted FROM fact")

    assert tuple(fact) == (5, True)
