"""The same records again, in their order and out of it (bus.md 4, test 18)."""

import pytest

from tests.chaos.clients import a_producer, read_topic
from tests.chaos.trial import Trial
from tests.chaos.writing import WriterOptions

pytestmark = pytest.mark.timeout(300)


async def _state(trial: Trial) -> list[tuple[object, ...]]:
    """What the consumer made of it all, row by row."""
    applied = await trial.pool.fetch("SELECT * FROM applied ORDER BY position")
    view = await trial.pool.fetch("SELECT * FROM view ORDER BY consumer, key")
    return [tuple(row) for row in (*applied, *view)]


@pytest.mark.case(
    number="18",
    fails="a whole topic is published again, then every seventh record three times, shuffled",
    promised="what the consumer stores is byte for byte what it was",
)
async def test_a_republished_topic_changes_nothing(trial: Trial) -> None:
    await trial.start("relay")
    await trial.start("consumer")
    writer = await trial.start("writer", writer=WriterOptions(writes=20))
    assert await writer.ended() == 0
    await trial.drained()
    before = await _state(trial)

    records = await read_topic(trial.bootstrap, trial.topic)
    shuffled = 3 * records[::7]
    trial.chance.shuffle(shuffled)
    async with a_producer(trial.bootstrap) as producer:
        for record in [*records, *shuffled]:
            await producer.send(
                trial.topic,
                record.value,
                key=record.key,
                partition=record.partition,
                headers=list(record.headers),
            )

    await trial.drained()
    assert await _state(trial) == before
    counts = await trial.verdict(crashes=True)
    assert counts.logged_again == len(records) + len(shuffled)
