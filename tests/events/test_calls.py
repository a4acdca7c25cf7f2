"""Calls to outside systems: made after the commit, again until answered, in order per key."""

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest
from dualbus_events.calls import Answer, Call, CallRunner, NewCall, withdraw_calls, write_calls
from dualbus_events.unit_of_work import Database, UnitOfWork
from dualbus_kit.database import open_pool

from tests.events.bus import eventually
from tests.harness import fresh_database


@pytest.fixture
async def database(postgres_dsn: str) -> AsyncIterator[Database]:
    pool = await open_pool(await fresh_database(postgres_dsn), size=8, application_name="test")
    yield Database(pool, source="test-svc")
    await pool.close()


class Outside:
    """An outside system that says what it is told to, and remembers what it was asked."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []
        self.completed: list[tuple[str, dict[str, object]]] = []
        self.may_answer = asyncio.Event()
        self.may_answer.set()

    async def perform(self, calls: Sequence[Call]) -> Sequence[Answer]:
        self.asked.extend(call.call_id for call in calls)
        await self.may_answer.wait()
        return [self.answers.pop(0) if self.answers else Answer({"ok": True}) for _ in calls]

    async def complete(self, answered: Sequence[tuple[Call, Answer]], _: UnitOfWork) -> None:
        self.completed.extend((call.call_id, dict(answer.body)) for call, answer in answered)

    def runner(self, database: Database) -> CallRunner:
        return CallRunner(database, kind="test", perform=self.perform, complete=self.complete)


async def write(database: Database, *calls: tuple[str, str]) -> None:
    async with database.unit_of_work() as uow:
        await write_calls(uow, [NewCall("test", key, call_id, {}) for key, call_id in calls])


async def left(database: Database) -> object:
    return await database.pool.fetchval("SELECT count(*) FROM outbound_call")


async def test_a_call_is_made_after_the_commit_and_its_answer_applied(database: Database) -> None:
    outside = Outside(Answer({"id": 7}))
    runner = outside.runner(database)
    await runner.start()

    await write(database, ("k", "c1"))

    await eventually(lambda: left(database), 0)
    await runner.stop()
    assert outside.completed == [("c1", {"id": 7})]


async def test_a_call_of_a_rolled_back_transaction_is_never_made(database: Database) -> None:
    outside = Outside()

    async def write_and_fail() -> None:
        async with database.unit_of_work() as uow:
            await write_calls(uow, [NewCall("test", "k", "never", {})])
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await write_and_fail()

    assert await left(database) == 0
    assert outside.asked == []


async def test_a_call_to_be_made_again_is_made_again_with_the_same_id(database: Database) -> None:
    outside = Outside(Answer({}, again=True), Answer({}, again=True), Answer({"ok": 1}))
    runner = outside.runner(database)
    await runner.start()

    await write(database, ("k", "c1"))

    await eventually(lambda: left(database), 0)
    await runner.stop()
    assert outside.asked == ["c1", "c1", "c1"]
    assert outside.completed == [("c1", {"ok": 1})]


async def test_the_second_call_of_a_key_waits_for_the_first(database: Database) -> None:
    outside = Outside()
    outside.may_answer.clear()
    runner = outside.runner(database)
    await runner.start()
    await write(database, ("k", "do"))
    await eventually(lambda: asyncio.sleep(0, outside.asked), ["do"])

    await write(database, ("k", "undo"), ("other", "x"))
    await eventually(lambda: asyncio.sleep(0, outside.asked), ["do", "x"])
    outside.may_answer.set()

    await eventually(lambda: left(database), 0)
    await runner.stop()
    assert outside.asked == ["do", "x", "undo"]


async def test_an_answer_whose_lease_ended_is_dropped(database: Database) -> None:
    outside = Outside()
    outside.may_answer.clear()
    runner = outside.runner(database)
    await runner.start()
    await write(database, ("k", "c1"))
    await eventually(lambda: asyncio.sleep(0, outside.asked), ["c1"])

    await database.pool.execute("UPDATE outbound_call SET attempts = attempts + 1")
    outside.may_answer.set()
    await runner.stop()

    assert outside.completed == []
    assert await left(database) == 1


async def test_a_call_nobody_made_yet_can_be_withdrawn(database: Database) -> None:
    await write(database, ("k", "c1"), ("other", "c2"))

    async with database.unit_of_work() as uow:
        await withdraw_calls(uow, "test", ["k"])

    assert await left(database) == 1
