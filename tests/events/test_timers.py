"""Timers fire by the database's clock, once, and in the same transaction as what they cause."""

from collections.abc import AsyncIterator, Sequence

import pytest
from dualbus_events.timers import TimerRunner
from dualbus_events.unit_of_work import Database, UnitOfWork
from dualbus_kit.database import open_pool

from tests.events.bus import eventually
from tests.harness import fresh_database


@pytest.fixture
async def database(postgres_dsn: str) -> AsyncIterator[Database]:
    pool = await open_pool(await fresh_database(postgres_dsn), size=4, application_name="test")
    yield Database(pool, source="test-svc")
    await pool.close()


async def arm(database: Database, **seconds: float) -> None:
    async with database.unit_of_work() as uow:
        uow.set_timers("test", seconds)


async def test_a_timer_fires_when_it_is_due_and_only_once(database: Database) -> None:
    fired: list[str] = []

    async def fire(keys: Sequence[str], _: UnitOfWork) -> None:
        fired.extend(keys)

    runner = TimerRunner(database, kind="test", fire=fire)
    await arm(database, due=0, later=3600)

    counts = [await runner.fire_due(), await runner.fire_due()]

    assert (counts, fired) == ([1, 0], ["due"])


async def test_setting_a_timer_again_replaces_it(database: Database) -> None:
    fired: list[str] = []

    async def fire(keys: Sequence[str], _: UnitOfWork) -> None:
        fired.extend(keys)

    await arm(database, a=0)
    await arm(database, a=3600)

    assert await TimerRunner(database, kind="test", fire=fire).fire_due() == 0
    assert fired == []


async def test_a_timer_whose_handler_fails_is_still_there(database: Database) -> None:
    async def fail(_: Sequence[str], __: UnitOfWork) -> None:
        raise RuntimeError

    await arm(database, a=0)

    with pytest.raises(RuntimeError):
        await TimerRunner(database, kind="test", fire=fail).fire_due()

    assert await database.pool.fetchval("SELECT count(*) FROM timer") == 1


async def test_a_timer_set_again_by_its_own_handler_stays_set(database: Database) -> None:
    async def again(keys: Sequence[str], uow: UnitOfWork) -> None:
        uow.set_timers("test", dict.fromkeys(keys, 3600))

    await arm(database, a=0)

    assert await TimerRunner(database, kind="test", fire=again).fire_due() == 1
    assert await database.pool.fetchval("SELECT count(*) FROM timer") == 1


async def test_a_key_whose_timer_fails_holds_up_no_other(database: Database) -> None:
    fired: list[str] = []

    async def fire(keys: Sequence[str], _: UnitOfWork) -> None:
        if "bad" in keys:
            raise RuntimeError("bad")
        fired.extend(keys)

    await arm(database, bad=0, good=0)
    runner = TimerRunner(database, kind="test", fire=fire)
    await runner.start()

    await eventually(lambda: database.pool.fetchval("SELECT count(*) FROM timer"), 1)
    await runner.stop()

    assert fired == ["good"]
    left = await database.pool.fetchrow("SELECT key, due_at > now() AS put_off FROM timer")
    assert left is not None
    assert tuple(left) == ("bad", True)
