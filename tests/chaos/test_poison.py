"""A message that can't be handled, in the middle of a hot key (bus.md 4, test 19)."""

from functools import partial

import pytest
from dualbus_events.batches import BatchApplier

from tests.chaos.clients import a_producer
from tests.chaos.trial import Trial
from tests.chaos.workload import POISON, counting_consumer
from tests.chaos.writing import WriterOptions
from tests.waiting import eventually

pytestmark = pytest.mark.timeout(300)

_HOT = "key07"


async def _parked_keys(trial: Trial) -> list[str]:
    rows = await trial.pool.fetch("SELECT key FROM parked_key ORDER BY key")
    return [row["key"].decode(errors="replace") for row in rows]


@pytest.mark.case(
    number="19",
    fails="a poisoned change of a hot key, whose error is 100 kB of text, and bytes nobody can "
    "read, while writers go on",
    promised="their keys are parked and no other waits; released, the key goes on in order",
)
async def test_poison_parks_its_key_alone_until_it_is_released(trial: Trial) -> None:
    await trial.start("relay")
    await trial.start("consumer")
    writer = await trial.start("writer", writer=WriterOptions(tasks=4))

    await trial.change(_HOT, nonce=f"{POISON} {'x' * 100_000}")
    async with a_producer(trial.bootstrap) as producer:
        await producer.send_and_wait(trial.topic, b"\xff\x00{", key=b"unreadable")
    await eventually(partial(_parked_keys, trial), [_HOT, "unreadable"], seconds=60)
    await trial.change(_HOT, nonce="behind the poison")
    await writer.stop()
    await trial.drained()

    parked = await trial.verdict()
    assert parked.parked >= 2
    longest = await trial.pool.fetchval("SELECT max(length(error_text)) FROM parked_event")
    assert longest <= 4000

    await trial.pool.execute("INSERT INTO healed DEFAULT VALUES")
    spec = counting_consumer(trial.topic, 1)
    released = await BatchApplier(trial.database, spec).release((trial.topic, _HOT.encode()))

    assert await _parked_keys(trial) == ["unreadable"]
    counts = await trial.verdict()
    assert counts.parked == 0
    trial.seen["released"] = released
