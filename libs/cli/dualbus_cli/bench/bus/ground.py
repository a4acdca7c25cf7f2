"""A database and a topic of the bench's own, and messages to fill them with."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit, urlunsplit

import asyncpg
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic, RecordsToDelete
from dualbus_events.aggregate import RecordedEvent
from dualbus_events.document import Document
from dualbus_events.facts import FactTopic
from dualbus_events.inbox import keep_partitions
from dualbus_events.migrations.run import upgrade
from dualbus_events.outbox import OutboxMessage, fact_message, write_of_messages
from dualbus_events.unit_of_work import Database
from dualbus_events.writes import carry_out
from dualbus_kit.causation import Cause
from dualbus_kit.clock import timestamp_now, utc_now
from dualbus_kit.database import open_pool
from dualbus_kit.ids import new_id

_DATABASE: Final = "bench_bus"
_KEYS: Final = 5_000
_CHUNK: Final = 5_000
# About what a product order has on the bus.
_BODY_BYTES: Final = 1_000


class Gauge(Document):
    note: str = ""


GAUGE: Final = FactTopic("bench.gauge.v1", "bench", "gauge", Gauge)
GaugeChangeEvent: Final = GAUGE.event("GaugeAttributeValueChangeEvent")

_APPLIED: Final = """
CREATE TABLE applied (key text PRIMARY KEY, version bigint NOT NULL)
"""
APPLY: Final = """
INSERT INTO applied (key, version)
SELECT key, max(version) FROM unnest($1::text[], $2::bigint[]) new(key, version) GROUP BY key
ON CONFLICT (key) DO UPDATE SET version = excluded.version
WHERE applied.version < excluded.version
"""
"""What a consumer does with its records, ours and the bare one: the newest version per key."""


@dataclass(frozen=True, slots=True)
class Ground:
    """Where the bus is measured."""

    dsn: str
    bootstrap: str
    pool: asyncpg.Pool
    database: Database

    async def fill(self, rows: int) -> None:
        """So many committed rows in the outbox, versions of 5,000 keys in turn."""
        for first in range(0, rows, _CHUNK):
            chunk = [_message(n) for n in range(first, min(first + _CHUNK, rows))]
            async with self.pool.acquire() as connection, connection.transaction():
                await carry_out(connection, [write_of_messages(chunk)])

    async def empty_topic(self) -> None:
        """The topic, made if need be, without a record."""
        admin = AIOKafkaAdminClient(bootstrap_servers=self.bootstrap)
        await admin.start()
        try:
            if GAUGE.name in await admin.list_topics():
                parts = [TopicPartition(GAUGE.name, n) for n in range(GAUGE.partitions)]
                await admin.delete_records({tp: RecordsToDelete(-1) for tp in parts})
            else:
                await admin.create_topics([NewTopic(GAUGE.name, GAUGE.partitions, 1)])
        finally:
            await admin.close()

    async def forget(self) -> None:
        """Nothing in the outbox, the inbox, or applied."""
        await self.pool.execute("TRUNCATE outbox, inbox, applied")


@asynccontextmanager
async def bus_ground(dsn: str, bootstrap: str) -> AsyncIterator[Ground]:
    """A fresh database and topic, gone afterwards."""
    own = urlunsplit(urlsplit(dsn)._replace(path=f"/{_DATABASE}"))
    admin = await asyncpg.connect(dsn)
    async with AsyncExitStack() as closing:
        closing.push_async_callback(admin.close)
        drop = f"DROP DATABASE IF EXISTS {_DATABASE} WITH (FORCE)"
        await admin.execute(drop)
        await admin.execute(f"CREATE DATABASE {_DATABASE}")
        closing.push_async_callback(admin.execute, drop)
        await asyncio.to_thread(upgrade, own, None)
        pool = await open_pool(own, size=4, application_name="bench")
        closing.push_async_callback(pool.close)
        await pool.execute(_APPLIED)
        async with pool.acquire() as connection:
            await keep_partitions(connection, utc_now().date())
        ground = Ground(own, bootstrap, pool, Database(pool, source="bench-svc"))
        await ground.empty_topic()
        yield ground


def _message(number: int) -> OutboxMessage:
    key = f"gauge-{number % _KEYS}"
    body = b'{"id":"%b","@type":"Gauge","note":"%b"}' % (key.encode(), b"x" * _BODY_BYTES)
    version = number // _KEYS + 1
    event = RecordedEvent(GaugeChangeEvent, version, body, timestamp_now(), Cause(new_id()))
    return fact_message("bench-svc", event, key=key, customer_id=None)


async def apply_newest(
    connection: asyncpg.Connection | asyncpg.pool.PoolConnectionProxy,
    keys: Sequence[str],
    versions: Sequence[int],
) -> None:
    await connection.execute(APPLY, keys, versions)
