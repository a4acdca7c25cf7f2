"""Group commit: neighbours share a transaction, and only that."""

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest
from dualbus_events.group_commit import GroupCommit
from dualbus_events.unit_of_work import Database, UnitOfWork
from dualbus_kit.causation import Cause
from dualbus_kit.database import open_pool
from dualbus_kit.errors import Conflict

from tests.harness import fresh_database


@pytest.fixture
async def database(postgres_dsn: str) -> AsyncIterator[Database]:
    pool = await open_pool(await fresh_database(postgres_dsn), size=4, application_name="test")
    await pool.execute("CREATE TABLE stored (n int PRIMARY KEY)")
    yield Database(pool, source="test-svc")
    await pool.close()


groups: list[int] = []


async def store(requests: Sequence[tuple[int, Cause]], uow: UnitOfWork) -> Sequence[str]:
    groups.append(len(requests))
    for n, _ in requests:
        await uow.connection.execute("INSERT INTO stored VALUES ($1)", n)
        if n < 0:
            raise Conflict(f"{n} is negative")
    return [f"stored {n}" for n, _ in requests]


async def test_concurrent_requests_share_transactions_and_get_their_own_answers(
    database: Database,
) -> None:
    groups.clear()
    commit = GroupCommit(database, store)

    answers = await asyncio.gather(*(commit.submit(n) for n in range(50)))

    assert answers == [f"stored {n}" for n in range(50)]
    assert await database.pool.fetchval("SELECT count(*) FROM stored") == 50
    assert len(groups) < 50


async def test_one_request_that_fails_does_not_fail_its_neighbours(database: Database) -> None:
    commit = GroupCommit(database, store)

    answers = await asyncio.gather(
        *(commit.submit(n) for n in (1, 2, -3, 4)), return_exceptions=True
    )

    assert [a for a in answers if isinstance(a, str)] == ["stored 1", "stored 2", "stored 4"]
    assert isinstance(answers[2], Conflict)
    assert await database.pool.fetchval("SELECT count(*) FROM stored") == 3


async def test_an_answer_comes_only_after_the_commit(database: Database) -> None:
    await GroupCommit(database, store).submit(7)

    other = await database.pool.fetchval("SELECT count(*) FROM stored WHERE n = 7")
    assert other == 1
