"""Order under concurrency: many writers on few keys, several relays (bus.md 4, test 24)."""

import asyncio

import pytest

from tests.chaos.trial import Trial
from tests.chaos.writing import WriterOptions

pytestmark = pytest.mark.timeout(600)


@pytest.mark.case(
    number="24",
    fails="nothing: 24 writers on 30 keys with random delays and rollbacks, 3 relays, 2 consumers",
    promised="order per key from commit to effect, nothing lost, not one record repeated",
)
@pytest.mark.parametrize(
    ("shards", "writes"),
    [
        pytest.param(16, 12, id="short"),
        pytest.param(16, 400, id="16-shards", marks=pytest.mark.chaos),
        pytest.param(1, 400, id="1-shard", marks=pytest.mark.chaos),
    ],
)
async def test_many_writers_and_relays_keep_the_order(
    trial: Trial, shards: int, writes: int
) -> None:
    # The counters' first events were written by this process, which has all shards.
    await trial.pool.execute("UPDATE outbox SET shard = shard % $1", shards)
    for _ in range(3):
        await trial.start("relay", shards=shards)
    for _ in range(2):
        await trial.start("consumer")

    options = WriterOptions(tasks=8, writes=writes)
    writers = [await trial.start("writer", writer=options, shards=shards) for _ in range(3)]
    ended = await asyncio.gather(*(writer.ended(seconds=400) for writer in writers))

    assert ended == [0, 0, 0]
    await trial.drained(seconds=180)
    counts = await trial.verdict()
    assert counts.committed > 3 * 8 * writes / 2
