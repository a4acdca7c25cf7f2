"""What runs beside the requests never ends because of an error, whatever the driver raises."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import asyncpg
import pytest
from dualbus_events.batches import ConsumerSpec
from dualbus_events.broker import OutgoingRecord, TopicPartition
from dualbus_events.calls import CallRunner
from dualbus_events.consumer import ConsumerLoop
from dualbus_events.handlers import Handlers
from dualbus_events.heartbeat import Heartbeat
from dualbus_events.memory import MemoryBroker, MemoryConsumer
from dualbus_events.timers import TimerRunner


class NoDatabase:
    """Has no connection to give: each use of it raises what asyncpg raises of a dying one."""

    def __init__(self) -> None:
        self.asked = 0

    def listen(self, signal: str, listener: Callable[[], None]) -> None:
        return None

    @property
    def pool(self) -> Any:
        self.asked += 1
        raise asyncpg.InternalClientError("another operation is in progress")

    def unit_of_work(self) -> Any:
        return self.pool


async def nothing(*_: Any) -> Sequence[Any]:
    return []


async def unanswered(*_: Any) -> None:
    return None


async def asked_again(database: NoDatabase) -> None:
    async with asyncio.timeout(10):
        while database.asked < 2:  # noqa: ASYNC110 - the loop under test has no event for it
            await asyncio.sleep(0.01)


async def test_calls_go_on() -> None:
    database = NoDatabase()
    runner = CallRunner(database, kind="x", perform=nothing, complete=unanswered)  # type: ignore[arg-type]
    await runner.start()

    await asked_again(database)

    assert await runner.alive() is None
    await runner.stop()
    assert await runner.alive() == "calls have stopped"


async def test_timers_go_on() -> None:
    database = NoDatabase()
    runner = TimerRunner(database, kind="x", fire=unanswered)  # type: ignore[arg-type]
    await runner.start()

    await asked_again(database)

    assert await runner.alive() is None
    await runner.stop()


async def test_heartbeats_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dualbus_events.heartbeat.EVERY_SECONDS", 0.01)
    database = NoDatabase()
    heartbeat = Heartbeat(database, "x")  # type: ignore[arg-type]
    await heartbeat.start()

    await asked_again(database)

    await heartbeat.stop()


class NoTransactions(NoDatabase):
    """Its pool is there, and no transaction begins."""

    pool = None

    def unit_of_work(self) -> Any:
        self.asked += 1
        raise ConnectionError("the server is gone")


async def test_a_consumer_lets_go_of_its_batch_at_once_when_its_partitions_are_taken() -> None:
    database, broker = NoTransactions(), MemoryBroker({"t": 1})
    keys = [OutgoingRecord(key, b"", []) for key in (b"one", b"two")]
    await broker.append(TopicPartition("t", 0), keys)
    spec = ConsumerSpec("g", 1, Handlers())
    client = MemoryConsumer(broker, group="g", topics=["t"])
    loop = ConsumerLoop(client, database, spec)  # type: ignore[arg-type]
    await loop.start()
    await asked_again(database)

    asked = database.asked
    await loop.revoked()

    assert database.asked == asked
    assert broker.committed == {}
    assert await loop.alive() is None
    await loop.stop()
