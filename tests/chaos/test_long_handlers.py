"""Handlers that outlast everything, and event loops that stand still (bus.md 4, test 21)."""

import asyncio
from functools import partial

import pytest
from aiokafka.errors import KafkaError

from tests.chaos.child_faults import BLOCKED_SECONDS
from tests.chaos.clients import an_admin
from tests.chaos.trial import Trial
from tests.chaos.workload import SLOW, group_of
from tests.chaos.writing import WriterOptions
from tests.waiting import eventually

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(600)]

_LOAD = WriterOptions(tasks=4)
# The proportions of the library's 15 minutes and a handler of 20; longer, too, than its
# command_timeout of a minute, for which another member waits for the same messages.
_SESSION_MS = 15_000
_MAX_POLL_INTERVAL_MS = 20_000
_SLOW_SECONDS = 75


async def _members(trial: Trial, consumer: int) -> int:
    """Members of a consumer's group; 0 while it rebalances or its coordinator is busy."""
    try:
        async with an_admin(trial.bootstrap) as admin:
            [described] = await admin.describe_consumer_groups([group_of(trial.topic, consumer)])
    except KafkaError:
        return 0
    [(_, _, state, _, _, members, *_)] = described.groups
    return len(members) if state == "Stable" else 0


async def _handling_slowly(trial: Trial) -> bool:
    sleeping: bool = await trial.pool.fetchval(
        "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() "
        "AND query = 'SELECT pg_sleep(1)' AND state <> 'idle')"
    )
    return sleeping


async def _applied(trial: Trial, consumer: int) -> int:
    count: int = await trial.pool.fetchval(
        "SELECT count(*) FROM applied WHERE consumer = $1", consumer
    )
    return count


@pytest.mark.case(
    number="21",
    fails=f"a handler takes {_SLOW_SECONDS} s for one message: longer than session, "
    f"max.poll.interval ({_MAX_POLL_INTERVAL_MS // 1000} s here) and any statement may",
    promised="other partitions go on until max.poll.interval, other groups all the while; then "
    "another member takes over and waits for its commit; nothing lost or doubled",
)
async def test_a_handler_outlasts_everything(trial: Trial) -> None:
    writer = await trial.start("writer", writer=_LOAD)
    await trial.start("relay")
    members = [
        await trial.start(
            "consumer",
            session_timeout_ms=_SESSION_MS,
            max_poll_interval_ms=_MAX_POLL_INTERVAL_MS,
            slow_seconds=_SLOW_SECONDS,
        )
        for _ in range(2)
    ]
    other = await trial.start("consumer", consumer=2)
    await eventually(partial(_members, trial, 1), 2, seconds=120)

    await trial.change("key00", nonce=SLOW)
    await eventually(partial(_handling_slowly, trial), seconds=60)
    before = [await _applied(trial, consumer) for consumer in (1, 2)]
    await asyncio.sleep(_MAX_POLL_INTERVAL_MS / 2000)
    own, others = [await _applied(trial, n) - before[n - 1] for n in (1, 2)]
    await eventually(partial(_members, trial, 1), 1, seconds=_SLOW_SECONDS)
    still_slow = await _handling_slowly(trial)
    await eventually(partial(_handling_slowly, trial), False, seconds=2 * _SLOW_SECONDS)
    await eventually(partial(_members, trial, 1), 2, seconds=120)
    await writer.stop()

    await trial.drained(seconds=120)
    await trial.verdict()
    assert still_slow
    assert own > 0
    assert others > 0
    assert all(child.running for child in (*members, other))
    trial.seen |= {"applied meanwhile by its group": own, "by another group": others}


@pytest.mark.case(
    number="21",
    fails=f"the event loop of a consumer is blocked for {BLOCKED_SECONDS} s, before its "
    "transaction and inside it, with nobody to take over (aiokafka#1037)",
    promised="it joins again and goes on by itself; nothing lost, order kept, each effect once",
)
async def test_a_blocked_event_loop_goes_on(trial: Trial) -> None:
    writer = await trial.start("writer", writer=_LOAD)
    await trial.start("relay")
    blocked = [
        await trial.start("consumer", consumer=number, block_at=f"{place}:5")
        for number, place in enumerate(("consumer_before_apply", "before_commit"), start=1)
    ]
    for child in blocked:
        await trial.started(child)
    await asyncio.sleep(BLOCKED_SECONDS + 10)
    await writer.stop()

    await trial.drained(seconds=180)
    await trial.verdict()
    assert all(child.running for child in blocked)
