"""A breaking change is deployed process by process, under load (bus.md 4, test 25)."""

import asyncio

import pytest

from tests.chaos.children import Child
from tests.chaos.clients import an_admin, partitions_of
from tests.chaos.majors import second_major
from tests.chaos.trial import Trial, create_topic
from tests.chaos.workload import Change, group_of
from tests.chaos.writing import WriterOptions
from tests.waiting import eventually

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(400)]

_LOAD = WriterOptions(tasks=4)
_STAYING, _MOVING, _BUILT_ANEW = 1, 2, 3


async def _replace(trial: Trial, old: Child, role: str, *, consumer: int = 1) -> Child:
    """The process of the old code ends, in order or by kill -9; one of the new code starts."""
    await (old.kill() if trial.chance.random() < 0.5 else old.stop())
    new = await trial.start(role, consumer=consumer, writer=_LOAD, new_code=True)
    return await trial.started(new)


async def _applied_all_of_now(trial: Trial, consumer: int) -> None:
    """Wait until a consumer has applied whatever was committed when this was called."""
    committed = {Change(*row) for row in await trial.pool.fetch("SELECT * FROM committed")}

    async def applied() -> bool:
        rows = await trial.pool.fetch(
            "SELECT key, version, nonce FROM applied WHERE consumer = $1", consumer
        )
        return committed <= {Change(*row) for row in rows}

    await eventually(applied, seconds=120)


async def _view(trial: Trial, consumer: int) -> dict[str, int]:
    rows = await trial.pool.fetch("SELECT key, applied FROM view WHERE consumer = $1", consumer)
    return {row["key"]: row["applied"] for row in rows}


async def _read_of_second_major(trial: Trial, consumer: int) -> int:
    """How many records of the new major a group says it has read."""
    topic = second_major(trial.topic).name
    async with an_admin(trial.bootstrap) as admin:
        offsets = await admin.list_consumer_group_offsets(group_of(trial.topic, consumer))
    return sum(max(offsets[tp].offset, 0) for tp in partitions_of(topic) if tp in offsets)


@pytest.mark.case(
    number="25",
    fails="a breaking change of an event is deployed: two writers, then a consumer, one by one, by "
    "SIGTERM or kill -9; then a view is built from zero; writes go on all the while",
    promised="no key is parked, old and new readers miss nothing, the view built anew equals the "
    "old one and the sources",
)
async def test_old_and_new_code_run_side_by_side(trial: Trial) -> None:
    await create_topic(trial.bootstrap, second_major(trial.topic).name)
    old_writers = [await trial.start("writer", writer=_LOAD) for _ in range(2)]
    for _ in range(2):
        await trial.start("relay")
    staying, old_reader = [
        await trial.start("consumer", consumer=number) for number in (_STAYING, _MOVING)
    ]
    for child in (*old_writers, staying, old_reader):
        await trial.started(child)

    writers = []
    for writer in old_writers:
        await asyncio.sleep(5)
        writers.append(await _replace(trial, writer, "writer"))
    # Now that every writer publishes both, readers may move once they are past what only the first
    # major holds.
    await _applied_all_of_now(trial, _MOVING)
    moving = await _replace(trial, old_reader, "consumer", consumer=_MOVING)
    await asyncio.sleep(5)
    built_anew = await trial.start("consumer", consumer=_BUILT_ANEW)
    await _applied_all_of_now(trial, _BUILT_ANEW)
    for writer in writers:
        await writer.stop()

    await trial.drained(seconds=120)
    counts = await trial.verdict(crashes=True)
    assert counts.parked == 0
    counters = await trial.pool.fetch("SELECT id, version FROM counter")
    versions = {row["id"]: row["version"] for row in counters}
    assert await _view(trial, _STAYING) == await _view(trial, _BUILT_ANEW) == versions
    assert all(child.running for child in (staying, moving, built_anew))
    read = await _read_of_second_major(trial, _MOVING)
    assert read > 0
    trial.seen["records of the new major read"] = read
