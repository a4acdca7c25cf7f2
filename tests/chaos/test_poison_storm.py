"""Half of all messages fail: it is the deploy that is bad (bus.md 4, test 20)."""

from functools import partial

import pytest
from dualbus_events.batches import BatchApplier

from tests.chaos.trial import Trial
from tests.chaos.workload import POISON, Counter, CounterDocument, counting_consumer
from tests.waiting import eventually

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(240)]

_ROUNDS = 40
_KEYS_OF_A_ROUND = 20


async def _stopped(trial: Trial) -> bool:
    stopped: bool = await trial.pool.fetchval("SELECT EXISTS (SELECT FROM consumer_stopped)")
    return stopped


@pytest.mark.case(
    number="20",
    fails="every second of 800 messages, each of another key, as after a bad deploy; then a good "
    "one",
    promised="the consumer stops instead of parking hundreds of keys; mended, it goes on by "
    "itself; what was parked is released",
)
async def test_a_storm_of_poison_stops_the_consumer(trial: Trial) -> None:
    await trial.start("relay")
    consumer = await trial.started(await trial.start("consumer"))
    for round_ in range(_ROUNDS):
        documents = [
            CounterDocument(id=f"storm{round_:02}-{n:02}") for n in range(_KEYS_OF_A_ROUND)
        ]
        nonce = POISON if round_ % 2 else "well"
        await trial.write(*(Counter(document) for document in documents), nonce=nonce)

    await eventually(partial(_stopped, trial), seconds=60)
    parked = await trial.pool.fetch("SELECT topic, key FROM parked_key")
    await trial.pool.execute("INSERT INTO healed DEFAULT VALUES")
    await eventually(partial(_stopped, trial), False, seconds=60)
    await trial.drained()

    applier = BatchApplier(trial.database, counting_consumer(trial.topic, 1))
    for row in await trial.pool.fetch("SELECT topic, key FROM parked_key"):
        await applier.release((row["topic"], row["key"]))
    await trial.verdict()
    assert consumer.running
    assert 0 < len(parked) < _ROUNDS * _KEYS_OF_A_ROUND / 4
    trial.seen["keys parked when it stopped"] = len(parked)
