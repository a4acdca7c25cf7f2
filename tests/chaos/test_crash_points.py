"""Kill -9 at each named place of the library (bus.md 4, tests 1, 3 and 5)."""

import asyncio

import pytest

from tests.chaos.trial import Trial
from tests.chaos.writing import WriterOptions

pytestmark = pytest.mark.timeout(300)

RELAY_POINTS = (
    "relay_before_produce",
    "relay_before_delete",
    "relay_before_commit",
    "relay_after_commit",
)
CONSUMER_POINTS = (
    "consumer_before_apply",
    "before_commit",
    "after_commit",
    "consumer_before_offsets",
    "consumer_after_offsets",
)


@pytest.mark.case(
    number="1",
    fails="kill -9 of a writer between its outbox insert and its COMMIT, and right after it",
    promised="an uncommitted change leaves neither state nor event; a committed one has both",
)
async def test_a_writer_dies_before_and_after_its_commit(trial: Trial) -> None:
    await trial.start("relay")
    await trial.start("consumer")

    dying = [
        await trial.start("writer", crash_at=f"{point}:{trial.chance.randint(5, 30)}")
        for point in ("before_commit", "after_commit")
    ]
    for writer in dying:
        await writer.crashed()

    await trial.drained()
    counts = await trial.verdict()
    assert counts.committed > len(dying)
    trial.seen["kills"] = len(dying)


@pytest.mark.case(
    number="3",
    fails="kill -9 of the relay before and after the broker's acknowledgement, its DELETE, its "
    "COMMIT",
    promised="nothing lost, order kept; records repeated with the same ce_id have no effect",
)
async def test_a_relay_dies_at_each_step(trial: Trial) -> None:
    writer = await trial.start("writer", writer=WriterOptions(tasks=4))
    await trial.start("consumer")

    for point in RELAY_POINTS:
        relay = await trial.start("relay", crash_at=f"{point}:{trial.chance.randint(1, 5)}")
        await relay.crashed()
    await writer.stop()
    await trial.start("relay")

    await trial.drained()
    counts = await trial.verdict(crashes=True)
    assert counts.logged_again > 0, "no record was repeated: the kills came at the wrong places"
    trial.seen["kills"] = len(RELAY_POINTS)


@pytest.mark.case(
    number="5",
    fails="kill -9 of a consumer before its transaction, before and after its COMMIT, before and "
    "after the offsets",
    promised="each effect happens once, in order",
)
async def test_a_consumer_dies_at_each_step(trial: Trial) -> None:
    writer = await trial.start("writer", writer=WriterOptions(tasks=4))
    await trial.start("relay")

    # A group for each place: a dead member keeps its group waiting, so let them wait together.
    dying = [
        await trial.start("consumer", consumer=group, crash_at=f"{point}:2")
        for group, point in enumerate(CONSUMER_POINTS, start=1)
    ]
    await asyncio.gather(*(consumer.crashed() for consumer in dying))
    await writer.stop()
    for group, _ in enumerate(CONSUMER_POINTS, start=1):
        await trial.start("consumer", consumer=group)

    await trial.drained()
    await trial.verdict()
    trial.seen["kills"] = len(dying)
