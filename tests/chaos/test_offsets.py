"""Offsets that are gone, and records as large as they may be (bus.md 4, "extra, cheap")."""

import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka.admin import RecordsToDelete
from dualbus_events.outbox import MAX_MESSAGE_BYTES, MessageTooLarge

from tests.chaos.clients import an_admin, partitions_of
from tests.chaos.trial import Trial
from tests.chaos.workload import Counter, CounterDocument, group_of
from tests.chaos.writing import WriterOptions

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(240)]

_SOME = WriterOptions(tasks=4, writes=20)


async def _state(trial: Trial) -> list[tuple[object, ...]]:
    rows = await trial.pool.fetch("SELECT * FROM applied ORDER BY position")
    return [tuple(row) for row in rows]


@pytest.mark.case(
    number="",
    fails="the group's committed offsets: set back to the beginning",
    promised="everything is delivered again, and nothing changes",
)
async def test_lost_offsets_deliver_everything_again_in_vain(trial: Trial) -> None:
    await trial.start("relay")
    consumer = await trial.start("consumer")
    assert await (await trial.start("writer", writer=_SOME)).ended() == 0
    await trial.drained()
    before = await _state(trial)
    await consumer.stop()

    client = AIOKafkaConsumer(
        bootstrap_servers=trial.bootstrap,
        group_id=group_of(trial.topic, 1),
        enable_auto_commit=False,
    )
    await client.start()
    client.assign(partitions_of(trial.topic))
    await client.commit(dict.fromkeys(partitions_of(trial.topic), 0))
    await client.stop()
    assert await trial.lag() == len(before)
    await trial.start("consumer")

    await trial.drained()
    assert await _state(trial) == before
    await trial.verdict()
    trial.seen["delivered again"] = len(before)


@pytest.mark.case(
    number="",
    fails="records of the topic are deleted before their consumer has read them",
    promised="the consumer goes on behind the gap, in order; the checker counts what is missing",
)
async def test_deleted_records_do_not_stop_the_consumer(trial: Trial) -> None:
    relay = await trial.start("relay")
    consumer = await trial.start("consumer")
    assert await (await trial.start("writer", writer=_SOME)).ended() == 0
    await trial.drained()
    await consumer.stop()
    assert await (await trial.start("writer", writer=_SOME)).ended() == 0
    await trial.outbox_empty()

    async with an_admin(trial.bootstrap) as admin:
        everything = RecordsToDelete(before_offset=-1)
        await admin.delete_records(dict.fromkeys(partitions_of(trial.topic), everything))
    await trial.start("consumer")
    # In every partition: where nothing follows the gap, nothing is read, nor committed.
    for key in trial.keys:
        await trial.change(key, nonce="behind the gap")

    await trial.drained()
    counts = await trial.examine()
    assert relay.running
    assert counts.lost > 0, "the oracle sees what was deleted"
    assert (counts.applied_twice, counts.applied_out_of_order, counts.lag) == (0, 0, 0)


@pytest.mark.case(
    number="",
    fails="messages of the largest size that is allowed, and one byte more",
    promised="the one arrives, the other is refused before its commit; the relay never stops",
)
async def test_messages_at_the_limit_of_their_size(trial: Trial) -> None:
    await trial.start("relay")
    await trial.start("consumer")

    low, high = 800_000, MAX_MESSAGE_BYTES
    number = 0
    while low < high:
        middle = (low + high + 1) // 2
        number += 1
        document = CounterDocument(id=f"large{number:02}", filling="x" * middle)
        try:
            await trial.write(Counter(document))
            low = middle
        except MessageTooLarge:
            high = middle - 1

    await trial.drained()
    counts = await trial.verdict()
    assert counts.committed > 30
    assert counts.committed < 30 + number
    trial.seen |= {"largest filling": low, "refused": number + 30 - counts.committed}
