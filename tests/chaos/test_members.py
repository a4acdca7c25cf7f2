"""Members of a consumer group: slow ones, many comings and goings, an orderly end (21, 22)."""

import asyncio
import time

import psutil
import pytest

from tests.chaos.history import read_history
from tests.chaos.trial import Trial
from tests.chaos.writing import WriterOptions
from tests.waiting import eventually

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(900)]

_LOAD = WriterOptions(tasks=4)
# Half of what a batch takes: without heartbeats it would be missed.
_LIBRARY_SESSION_MS = 15_000
_MOST_MEMORY = 300 * 1024 * 1024


def _metric(trial: Trial, child: str, name: str) -> float:
    """A metric as the child told it at its end."""
    [told] = [
        line
        for line in read_history(trial.history_path)
        if line["by"] == child and line["what"] == "ended"
    ]
    return float(told[name])


@pytest.mark.case(
    number="21",
    fails="the database: each batch of a consumer takes 30 s",
    promised="heartbeats go on, no rebalance, memory is bounded; nothing lost or doubled",
)
async def test_a_slow_consumer_keeps_its_partitions(trial: Trial) -> None:
    writer = await trial.start("writer", writer=WriterOptions(tasks=8, pause_seconds=0.005))
    await trial.start("relay")
    slow = await trial.started(
        await trial.start("consumer", handler_seconds=30, session_timeout_ms=_LIBRARY_SESSION_MS)
    )

    memory = 0
    until = time.monotonic() + 65
    while time.monotonic() < until:
        memory = max(memory, psutil.Process(slow.pid).memory_info().rss)
        await asyncio.sleep(1)
    await writer.stop()
    await slow.stop(seconds=90)
    quick = await trial.start("consumer")

    await trial.drained(seconds=120)
    await trial.verdict()
    assert quick.running
    assert memory < _MOST_MEMORY
    # One for the first assignment.
    rebalances = _metric(trial, slow.name, "rebalances")
    assert rebalances <= 1
    trial.seen |= {"rebalances": rebalances, "largest memory in MB": memory >> 20}


@pytest.mark.case(
    number="22",
    fails="a member joins or leaves the group every 2 s for a minute, by SIGTERM or kill -9",
    promised="it goes on all the while; nothing lost, order kept, each effect once",
)
async def test_members_come_and_go(trial: Trial) -> None:
    writer = await trial.start("writer", writer=_LOAD)
    await trial.start("relay")
    members = [await trial.started(await trial.start("consumer")) for _ in range(2)]
    before = seen = await trial.pool.fetchval("SELECT count(*) FROM applied")

    changes, standstill = 0, 0.0
    moved = time.monotonic()
    until = moved + 60
    while time.monotonic() < until:
        await asyncio.sleep(2)
        changes += 1
        applied = await trial.pool.fetchval("SELECT count(*) FROM applied")
        if applied > seen:
            seen, moved = applied, time.monotonic()
        standstill = max(standstill, time.monotonic() - moved)
        if len(members) < 3:
            members.append(await trial.start("consumer"))
        else:
            member = members.pop(trial.chance.randrange(3))
            await (member.kill() if trial.chance.random() < 0.2 else member.stop())
    progress = await trial.pool.fetchval("SELECT count(*) FROM applied") - before
    await writer.stop()

    await trial.drained(seconds=120)
    await trial.verdict()
    assert progress > 0
    trial.seen |= {
        "joined or left": changes,
        "applied meanwhile": progress,
        "longest standstill in s": round(standstill),
    }


@pytest.mark.case(
    number="",
    fails="nothing: relay and consumer are asked to end (SIGTERM) under load, and started again",
    promised="they end by themselves, and not one record is repeated or delivered again",
)
async def test_an_orderly_end_repeats_nothing(trial: Trial) -> None:
    writer = await trial.start("writer", writer=_LOAD)
    redelivered = 0.0
    for _ in range(3):
        relay, consumer = [
            await trial.started(await trial.start(role)) for role in ("relay", "consumer")
        ]
        applied = await trial.pool.fetchval("SELECT count(*) FROM applied")

        async def more(applied: int = applied) -> bool:
            count: int = await trial.pool.fetchval("SELECT count(*) FROM applied")
            return count > applied + 50

        await eventually(more, seconds=60)
        await relay.stop()
        await consumer.stop()
        redelivered += _metric(trial, consumer.name, "duplicates")
    await writer.stop()
    last = [await trial.start(role) for role in ("relay", "consumer")]

    await trial.drained()
    await trial.verdict()
    for child in last:
        await child.stop()
    redelivered += _metric(trial, last[1].name, "duplicates")
    assert redelivered == 0
