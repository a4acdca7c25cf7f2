"""Gathering the evidence of a run: from PostgreSQL, from the log, from the history."""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import asyncpg
import orjson
from aiokafka import ConsumerRecord

from tests.chaos.checker import Evidence, Logged
from tests.chaos.clients import a_reader, an_admin, partitions_of, read_topic
from tests.chaos.history import read_history
from tests.chaos.workload import Change, group_of


async def gather(
    pool: asyncpg.Pool, bootstrap: str, topic: str, history: Path, consumers: Sequence[int]
) -> Evidence:
    """Everything at rest: call it when the processes have ended or have nothing more to do."""
    applied: dict[int, list[Change]] = {number: [] for number in consumers}
    for row in await pool.fetch("SELECT * FROM applied ORDER BY position"):
        applied[row["consumer"]].append(Change(row["key"], row["version"], row["nonce"]))
    sums = await pool.fetch("SELECT consumer, sum(applied)::bigint AS sum FROM view GROUP BY 1")
    return Evidence(
        acknowledged=_acknowledged(history),
        committed=[Change(*row) for row in await pool.fetch("SELECT * FROM committed")],
        logged=await _read_log(bootstrap, topic),
        applied=applied,
        parked=await _parked(pool),
        view_sums={row["consumer"]: row["sum"] for row in sums},
        state_sum=await pool.fetchval("SELECT sum(version)::bigint FROM counter"),
        outbox_left=await pool.fetchval("SELECT count(*) FROM outbox"),
        lag=await lag_of(bootstrap, topic, consumers),
    )


def _acknowledged(history: Path) -> list[Change]:
    return [
        Change(*change)
        for line in read_history(history)
        if line["what"] == "acknowledged"
        for change in line["changes"]
    ]


async def _parked(pool: asyncpg.Pool) -> dict[int, list[Change]]:
    parked: dict[int, list[Change]] = defaultdict(list)
    for row in await pool.fetch("SELECT consumer, payload FROM parked_event"):
        change = _change_in(row["payload"])
        if change is not None:
            parked[row["consumer"]].append(change)
    return parked


def change_of(record: ConsumerRecord) -> Change | None:
    """The change that a record holds; None for bytes that nobody can read."""
    return _change_in(record.value or b"")


def _change_in(payload: bytes) -> Change | None:
    try:
        counter = orjson.loads(payload)["event"]["counter"]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return None
    return Change(counter["id"], counter["count"], counter.get("nonce", ""))


async def _read_log(bootstrap: str, topic: str) -> list[Logged]:
    """Every record of a topic but those that hold no change: bytes that nobody can read."""
    return [
        Logged(record.partition, record.offset, change, dict(record.headers)["ce_id"].decode())
        for record in await read_topic(bootstrap, topic)
        if (change := change_of(record)) is not None
    ]


async def lag_of(bootstrap: str, topic: str, consumers: Sequence[int]) -> int:
    """Records of the topic that the groups have not committed, by the broker's own account."""
    async with a_reader(bootstrap) as reader, an_admin(bootstrap) as admin:
        ends = await reader.end_offsets(partitions_of(topic))
        lag = 0
        for number in consumers:
            offsets = await admin.list_consumer_group_offsets(group_of(topic, number))
            for tp, end in ends.items():
                committed = offsets[tp].offset if tp in offsets else 0
                lag += end - max(committed, 0)
        return lag
