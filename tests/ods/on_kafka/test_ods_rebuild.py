"""The projection built anew beside the one that serves, from real Kafka, while writes go on."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import asyncpg
import orjson
import pytest
from dualbus_cli.topics import create_topics
from dualbus_events.migrations.run import check
from dualbus_events.outbox import OutboxMessage
from dualbus_events.tasks import done
from dualbus_kit.ids import new_id
from ods_svc.rebuild.run import RebuildRefused, Rebuilt, rebuild
from ods_svc.service import ods_service

from tests.harness import Harness, a_task, running, task_messages
from tests.ods.ods_log import publish
from tests.ods.ods_samples import a_customer, a_fact, a_reply, an_order
from tests.waiting import eventually

# Rebalances take seconds, more on a busy machine.
pytestmark = pytest.mark.timeout(180)
VIEW = "/tmf-api/customer360/v4/customer360"
SECONDS = 60.0


@dataclass
class Live:
    """The ODS with its consumer on real Kafka."""

    ods: Harness
    kafka: str

    @property
    def dsn(self) -> str:
        return self.ods.service.settings.database_url

    async def publish(self, messages: Sequence[OutboxMessage]) -> None:
        await publish(self.kafka, messages)

    async def rebuild(self, *, accept_missing: bool = False) -> Rebuilt:
        return await rebuild(self.dsn, self.kafka, accept_missing=accept_missing)

    async def applied(self, id_: str) -> int | None:
        """The version of a resource that the live tables have."""
        version: int | None = await self.ods.database.pool.fetchval(
            "SELECT version FROM fact WHERE id = $1", id_
        )
        return version

    async def view(self, customer: str) -> bytes:
        """The view without its freshness, as bytes, and its timeline."""
        parts = "customer,productOrder,product,service,troubleTicket,name"
        view = await self.ods.client.get(f"{VIEW}/{customer}?fields={parts}")
        timeline = await self.ods.client.get(f"{VIEW}/{customer}/timeline?limit=500")
        return view.content + timeline.content


@asynccontextmanager
async def _live(postgres_dsn: str, kafka_bootstrap: str) -> AsyncIterator[Live]:
    await create_topics(kafka_bootstrap)
    async with running(
        ods_service(), postgres_dsn, roles=("api", "consumer"), kafka=kafka_bootstrap
    ) as ods:
        yield Live(ods, kafka_bootstrap)


def _a_history(customer: str) -> list[OutboxMessage]:
    """Orders with their tracks, a product of two lives, a ticket of two customers."""
    order, product = new_id(), new_id()
    task = a_task("billing.start", {"item": {"id": "1"}}, process_id=order)
    parties = [{"id": id_, "role": "customer"} for id_ in (customer, f"{customer}-friend")]
    lives = [(1, 1, None), (2, 2, None), (3, 3, "DeleteEvent"), (1, 10, None), (2, 11, None)]
    return [
        a_customer(customer),
        *(an_order(order, customer, version=version) for version in range(1, 6)),
        *(
            a_fact(
                "product",
                {"id": product, "name": f"at {at}", "note": "Ünïcode"},
                version=version,
                customer=customer,
                event=event,
                at=at,
            )
            for version, at, event in lives
        ),
        a_fact("troubleTicket", {"id": new_id(), "relatedParty": parties}),
        *task_messages(task),
        a_reply(task, done()),
    ]


async def _fingerprint(dsn: str) -> list[list[asyncpg.Record]]:
    connection = await asyncpg.connect(dsn)
    try:
        return [
            await connection.fetch(query)
            for query in (
                "SELECT resource, id, version, event_type, event_time, deleted, customer_id, "
                "other_customer_ids, party_id, state, body, life_since FROM fact ORDER BY 1, 2",
                "SELECT * FROM timeline ORDER BY 1, 2, 3",
                "SELECT * FROM track ORDER BY 1, 2",
            )
        ]
    finally:
        await connection.close()


async def test_rebuilt_view_is_the_live_one_to_the_byte_while_writes_go_on(
    postgres_dsn: str, kafka_bootstrap: str
) -> None:
    customer, marker = new_id(), new_id()
    async with _live(postgres_dsn, kafka_bootstrap) as live:
        await live.publish([*_a_history(customer), a_customer(marker)])
        await eventually(lambda: live.applied(marker), 1, seconds=SECONDS)
        before, table = await live.view(customer), await _table_of(live, "fact")

        async def write() -> None:
            for version in range(2, 42):
                await live.publish([a_customer(marker, version=version)])

        # It is wrong on purpose: only what is built anew from the topics can mend it.
        await live.ods.database.pool.execute("UPDATE fact SET state = 'x' WHERE id = $1", customer)
        unstorable = a_fact("product", {"id": new_id(), "name": "\x00"}, customer=customer)
        await live.publish([unstorable])
        writing = asyncio.create_task(write())
        rebuilt = await live.rebuild()
        await writing
        await eventually(lambda: live.applied(marker), 41, seconds=SECONDS)
        after, new_table = await live.view(customer), await _table_of(live, "fact")
        switched = await _fingerprint(live.dsn)
        again = await live.rebuild()
        twice = await _fingerprint(live.dsn)
        spec = live.ods.service.spec
        await asyncio.to_thread(check, live.dsn, spec.migrations, spec.metadata)
        schemas = await live.ods.database.pool.fetch(
            "SELECT FROM pg_namespace WHERE nspname IN ('next', 'previous')"
        )

    assert after == before
    assert rebuilt.unreadable >= 1
    assert new_table != table
    assert switched == twice
    assert schemas == []
    assert (rebuilt.phase, rebuilt.resumed, again.resumed) == ("done", False, False)
    assert [row["state"] for row in switched[0] if row["id"] == customer] == ["active"]
    assert [row["version"] for row in switched[0] if row["id"] == marker] == [41]


async def _table_of(live: Live, name: str) -> int:
    oid: int = await live.ods.database.pool.fetchval("SELECT to_regclass($1)::oid", name)
    return oid


async def test_facts_that_the_topics_do_not_hold_are_not_lost_unless_one_says_so(
    postgres_dsn: str, kafka_bootstrap: str
) -> None:
    only_here, old = new_id(), new_id()
    async with _live(postgres_dsn, kafka_bootstrap) as live:
        long_ago = {"id": only_here, "name": "x", "status": "active"}
        await live.ods.deliver(a_fact("customer", long_ago, customer=only_here, at=-60_000_000))
        with pytest.raises(RebuildRefused, match=f"1 customer .as {only_here}"):
            await live.rebuild()
        refused = await live.applied(only_here)

        # Now a topic holds it, and the rebuild goes on from where it was.
        await live.publish([a_customer(only_here), a_customer(old)])
        resumed = await live.rebuild()
        entries = await live.ods.client.get(f"{VIEW}/{only_here}/timeline")
        await live.ods.database.pool.execute("UPDATE fact SET id = 'ghost' WHERE id = $1", old)
        accepted = await live.rebuild(accept_missing=True)
        ghost = await live.applied("ghost")

    assert refused == 1
    assert (resumed.resumed, resumed.phase) == (True, "done")
    assert len(entries.json()) == 2
    assert (accepted.phase, ghost) == ("done", None)


async def test_killed_rebuild_goes_on_where_it_was_and_two_do_not_run_at_once(
    postgres_dsn: str, kafka_bootstrap: str
) -> None:
    customer = new_id()
    async with _live(postgres_dsn, kafka_bootstrap) as live:
        broken = an_order(new_id(), customer)
        headless = OutboxMessage(
            broken.event_id, broken.topic, broken.key, "x", 1, b"{}", b"no json \xff"
        )
        await live.publish([headless, *_a_history(customer), a_customer(customer, version=2)])
        await eventually(lambda: live.applied(customer), 2, seconds=SECONDS)
        holder = await asyncpg.connect(live.dsn)
        lock = holder.transaction()
        await lock.start()
        await holder.execute("LOCK TABLE fact IN ACCESS SHARE MODE")

        first = asyncio.create_task(live.rebuild())
        await eventually(lambda: _switching(live), seconds=SECONDS)
        with pytest.raises(RebuildRefused, match="another rebuild"):
            await live.rebuild()
        served = await live.view(customer)
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
        await lock.rollback()
        await holder.close()
        second = await live.rebuild()
        after = await live.view(customer)

    assert (second.resumed, second.phase) == (True, "done")
    assert second.events < 5
    assert orjson.loads(after.partition(b"}[")[0] + b"}")["id"] == customer
    assert after == served


async def _switching(live: Live) -> bool:
    """A rebuild waits for the one lock that a reader does not give it."""
    return bool(
        await live.ods.database.pool.fetchval(
            "SELECT EXISTS (SELECT FROM pg_locks WHERE mode = 'AccessExclusiveLock' "
            "AND NOT granted AND relation = 'public.fact'::regclass)"
        )
    )
