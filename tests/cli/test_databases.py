"""Every service has a database of its own, and no way into another's."""

import asyncpg
import pytest
from dualbus_cli.databases import create_databases, database_url
from dualbus_cli.embedded.errors import ServerUnreachable
from dualbus_cli.embedded.ports import free_port

ROLES = {"order_svc": "p@ss:w/ord?", "billing_svc": "another"}


def url_of(dsn: str, role: str) -> str:
    return database_url(dsn, role=role, password=ROLES[role])


@pytest.fixture
async def dsn(postgres_dsn: str) -> str:
    await create_databases(postgres_dsn, ROLES)
    return postgres_dsn


async def test_a_role_owns_its_database(dsn: str) -> None:
    connection = await asyncpg.connect(url_of(dsn, "order_svc"))

    await connection.execute("CREATE TABLE IF NOT EXISTS product_order (id text)")

    assert await connection.fetchval("SELECT current_database()") == "order_svc"
    await connection.close()


@pytest.mark.parametrize("other", ["billing_svc", "postgres", "template1"])
async def test_a_role_is_refused_by_every_other_database(dsn: str, other: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await asyncpg.connect(url_of(dsn, "order_svc"), database=other)


async def test_creating_again_keeps_the_databases_and_sets_the_passwords(dsn: str) -> None:
    created = await create_databases(dsn, {"order_svc": "changed"})

    connection = await asyncpg.connect(database_url(dsn, role="order_svc", password="changed"))
    await connection.close()
    assert created == []


async def test_a_server_that_is_not_there_is_named() -> None:
    port = free_port()

    with pytest.raises(ServerUnreachable, match=f"127.0.0.1:{port}"):
        await create_databases(f"postgresql://postgres:x@127.0.0.1:{port}/postgres", ROLES)
