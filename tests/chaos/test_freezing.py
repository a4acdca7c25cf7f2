"""Processes that stand still and wake up as zombies (bus.md 4, tests 6 and 7)."""

import asyncio

import pytest

from tests.chaos.trial import Trial
from tests.chaos.writing import WriterOptions

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(240)]

_LOAD = WriterOptions(tasks=4)


@pytest.mark.case(
    number="6",
    fails="a consumer is frozen between poll and transaction, or inside the transaction, past its "
    "session and past the server's limit for idle transactions, and wakes up",
    promised="the partition's new owner waits or goes on; order kept, each effect once",
)
@pytest.mark.parametrize("place", ["consumer_before_apply", "before_commit"])
@pytest.mark.parametrize("seconds", [10, 20])
async def test_a_frozen_consumer_wakes_up(trial: Trial, place: str, seconds: int) -> None:
    writer = await trial.start("writer", writer=_LOAD)
    await trial.start("relay")
    zombie = await trial.start("consumer", freeze_at=f"{place}:5")

    await zombie.frozen()
    await trial.started(await trial.start("consumer"))
    await asyncio.sleep(seconds)
    zombie.thaw()
    await asyncio.sleep(5)
    await writer.stop()

    await trial.drained()
    await trial.verdict()
    assert zombie.running
    trial.seen["seconds frozen"] = seconds


@pytest.mark.case(
    number="7",
    fails="a relay that holds shards is frozen for 20 s: before it sends, before it deletes, "
    "before its COMMIT",
    promised="another relay takes its shards over; the sleeper's commit fails; only repeats",
)
@pytest.mark.parametrize(
    "place", ["relay_before_produce", "relay_before_delete", "relay_before_commit"]
)
async def test_a_frozen_relay_loses_its_shards(trial: Trial, place: str) -> None:
    writer = await trial.start("writer", writer=_LOAD)
    await trial.start("consumer")
    zombie = await trial.start("relay", freeze_at=f"{place}:3")

    await zombie.frozen()
    await trial.start("relay")
    waiting = await trial.change("key00", nonce="while the owner sleeps")
    await trial.until_logged(waiting)
    zombie.thaw()
    await asyncio.sleep(5)
    await writer.stop()

    await trial.drained()
    await trial.verdict(crashes=True)
    assert zombie.running
