"""A database of its own for these tests, the sample service on it, and a client."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest
from dualbus_events.contract.order import ProductOrderCreateEvent
from dualbus_events.migrations.run import upgrade
from dualbus_events.unit_of_work import Database
from dualbus_kit.database import open_pool
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateTable

from tests.tmf.sample_app import METADATA, ProductOrder, an_order, sample_app

_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]
Orders = Callable[..., Awaitable[None]]


@pytest.fixture(scope="package")
def sample_dsn(postgres_dsn: str) -> Iterator[str]:
    name = f"tmf_{uuid4().hex[:12]}"
    asyncio.run(_execute(postgres_dsn, f"CREATE DATABASE {name}"))
    head, _, options = postgres_dsn.partition("?")
    dsn = f"{head.rpartition('/')[0]}/{name}" + (f"?{options}" if options else "")
    upgrade(dsn, None)
    tables = [CreateTable(table) for table in METADATA.sorted_tables]
    statements = [str(table.compile(dialect=_DIALECT)) for table in tables]
    asyncio.run(_execute(dsn, *statements))
    yield dsn
    asyncio.run(_execute(postgres_dsn, f"DROP DATABASE {name} WITH (FORCE)"))


async def _execute(dsn: str, *statements: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


@pytest.fixture
async def database(sample_dsn: str) -> AsyncIterator[Database]:
    pool = await open_pool(sample_dsn, size=8, application_name="tests")
    names = ", ".join([table.name for table in METADATA.sorted_tables])
    await pool.execute(f"TRUNCATE {names}, outbox, idempotency_key")
    yield Database(pool, source="sample")
    await pool.close()


@pytest.fixture
async def client(database: Database) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(sample_app(database))
    async with httpx.AsyncClient(transport=transport, base_url="http://sample") as client:
        yield client


@pytest.fixture
def place(database: Database) -> Orders:
    """Stores product orders, given as `{id: attributes}`."""

    async def store(orders: dict[str, dict[str, Any]]) -> None:
        async with database.unit_of_work() as uow:
            for order_id, attributes in orders.items():
                aggregate = ProductOrder(an_order(order_id, **attributes))
                aggregate.record(ProductOrderCreateEvent)
                uow.add(aggregate)

    return store
