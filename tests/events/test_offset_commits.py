"""Offsets that could not be committed are committed later, though nothing more arrives."""

from collections.abc import Mapping

import pytest
from dualbus_events.broker import TopicPartition
from dualbus_events.memory import MemoryBroker, MemoryConsumer, MemoryProducer
from dualbus_events.outbox import task_message

from tests.events.bus import a_bus, eventually
from tests.events.gadgets import PARTITIONS, TASKS, TOPICS, handlers
from tests.harness import a_task


class BusyCoordinator(MemoryConsumer):
    """Its group's coordinator takes a commit at the third request."""

    refusals = 2

    async def commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        if self.refusals:
            self.refusals -= 1
            raise TimeoutError
        await super().commit(offsets)


@pytest.mark.timeout(120)
async def test_a_commit_that_failed_is_made_up_for_on_a_silent_topic(postgres_dsn: str) -> None:
    broker = MemoryBroker(TOPICS)

    async def committed() -> int:
        return sum(broker.committed.values())

    async with a_bus(
        postgres_dsn,
        lambda: MemoryProducer(broker),
        lambda group: BusyCoordinator(broker, group=group, topics=handlers.topics),
    ) as bus:
        async with bus.database.unit_of_work() as uow:
            uow.send(
                *(task_message("test-svc", a_task("gadget.make", {"note": "x"})) for _ in "abc")
            )
        await bus.start_relay()
        await bus.start_consumer()

        await bus.until("SELECT count(*) FROM work", 3)
        await eventually(committed, 3, seconds=60)

    assert {topic for _, (topic, _) in broker.committed} == {TASKS}
    assert len(broker.committed) <= PARTITIONS
