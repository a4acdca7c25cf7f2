"""The whole bus in one test: a database, a broker, relays and consumers to start and stop."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial

import asyncpg
from dualbus_events.batches import ConsumerSpec
from dualbus_events.broker import Consumer, Producer
from dualbus_events.consumer import ConsumerLoop
from dualbus_events.relay import Relay
from dualbus_events.unit_of_work import Database
from dualbus_kit.database import open_pool
from dualbus_kit.ids import new_id

from tests import waiting
from tests.events.gadgets import CREATE_TABLES, handlers
from tests.harness import fresh_database


class Bus:
    """One database and one broker."""

    def __init__(
        self,
        pool: asyncpg.Pool,
        producer: Callable[[], Producer],
        consumer: Callable[[str], Consumer],
        stack: AsyncExitStack,
    ) -> None:
        self.pool = pool
        self.database = Database(pool, source="test-svc")
        self.producer = producer
        self.consumer = consumer
        self.spec = ConsumerSpec(group=f"test-{new_id()}", number=1, handlers=handlers)
        self._stack = stack

    async def start_relay(self) -> Relay:
        relay = Relay(self.pool, self.producer())
        await relay.start()
        self._stack.push_async_callback(relay.stop)
        return relay

    async def start_consumer(self) -> ConsumerLoop:
        loop = ConsumerLoop(self.consumer(self.spec.group), self.database, self.spec)
        await loop.start()
        self._stack.push_async_callback(loop.stop)
        return loop

    async def rows(self, sql: str, *arguments: object) -> list[asyncpg.Record]:
        rows: list[asyncpg.Record] = await self.pool.fetch(sql, *arguments)
        return rows

    async def until(self, sql: str, expected: object, *, seconds: float = 20) -> None:
        """Wait until a query gives the expected value; fails with the last value seen."""
        await eventually(lambda: self.pool.fetchval(sql), expected, seconds=seconds)


eventually = partial(waiting.eventually, seconds=20)


@asynccontextmanager
async def a_bus(
    postgres_dsn: str, producer: Callable[[], Producer], consumer: Callable[[str], Consumer]
) -> AsyncIterator[Bus]:
    dsn = await fresh_database(postgres_dsn)
    pool = await open_pool(dsn, size=8, application_name="test")
    await pool.execute(CREATE_TABLES)
    async with AsyncExitStack() as stack:
        yield Bus(pool, producer, consumer, stack)
    await pool.close()
