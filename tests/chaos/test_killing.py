"""Kill -9 again and again, under load (bus.md 4, tests 4, 5 and 13)."""

import asyncio
import time

import pytest

from tests.chaos.children import Child
from tests.chaos.test_crash_points import CONSUMER_POINTS
from tests.chaos.trial import Trial
from tests.chaos.writing import WriterOptions

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(900)]

_SECONDS = 45
_LOAD = WriterOptions(tasks=8)


@pytest.mark.case(
    number="4",
    fails="kill -9 of one of three relays every 0.5 to 1.5 s, of one of two consumers now and "
    "then, under load",
    promised="nothing lost, order kept, each effect once",
)
async def test_relays_and_consumers_die_again_and_again(trial: Trial) -> None:
    writer = await trial.start("writer", writer=_LOAD)
    children = [await trial.start(role) for role in (*["relay"] * 3, *["consumer"] * 2)]
    kills = {"relay": 0, "consumer": 0}

    until = time.monotonic() + _SECONDS
    while time.monotonic() < until:
        await asyncio.sleep(trial.chance.uniform(0.5, 1.5))
        # A killed consumer keeps its group waiting for its session: not every time.
        place = trial.chance.choice((0, 1, 2, 0, 1, 2, 0, 1, 2, 3, 4))
        role = "relay" if place < 3 else "consumer"
        await children[place].kill()
        kills[role] += 1
        children[place] = await trial.start(role)
    await writer.stop()

    await trial.drained(seconds=120)
    await trial.verdict(crashes=True)
    trial.seen |= {"relays killed": kills["relay"], "consumers killed": kills["consumer"]}


@pytest.mark.case(
    number="5",
    fails="kill -9 of a consumer at each of five steps, twenty times each",
    promised="each effect happens once, in order",
)
async def test_a_consumer_dies_at_each_step_twenty_times(trial: Trial) -> None:
    writer = await trial.start("writer", writer=WriterOptions(tasks=4, pause_seconds=0.1))
    await trial.start("relay")
    kills = 0

    async def dies(group: int, point: str) -> None:
        crash_at = f"{point}:{trial.chance.randint(1, 4)}"
        child = await trial.start("consumer", consumer=group, crash_at=crash_at)
        await child.crashed(seconds=120)

    for _ in range(20):
        await asyncio.gather(
            *(dies(group, point) for group, point in enumerate(CONSUMER_POINTS, start=1))
        )
        kills += len(CONSUMER_POINTS)
    await writer.stop()
    for group, _ in enumerate(CONSUMER_POINTS, start=1):
        await trial.start("consumer", consumer=group)

    await trial.drained(seconds=120)
    await trial.verdict()
    trial.seen["kills"] = kills


@pytest.mark.case(
    number="13",
    fails="PostgreSQL ends a random session of writer, relay or consumer every half second",
    promised="they connect again by themselves; nothing lost, order kept, each effect once",
)
async def test_sessions_of_the_database_are_ended(trial: Trial) -> None:
    writer = await trial.start("writer", writer=_LOAD)
    others: list[Child] = [await trial.start(role) for role in ("relay", "relay", "consumer")]
    ended = 0

    for _ in range(60):
        await asyncio.sleep(0.5)
        sessions = await trial.pool.fetch(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() "
            "AND application_name <> 'chaos-test' ORDER BY pid"
        )
        if sessions:
            victim = trial.chance.choice(sessions)["pid"]
            ended += await trial.pool.fetchval("SELECT pg_terminate_backend($1)", victim)
    await writer.stop()

    await trial.drained()
    await trial.verdict(crashes=True)
    assert all(child.running for child in others)
    trial.seen["sessions ended"] = ended
