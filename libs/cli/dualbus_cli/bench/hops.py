"""Where the time of an order went, by the track that the ODS keeps of its tasks."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple

import asyncpg
from pydantic_core import from_json

HopTimes = Mapping[str, Sequence[float]]
"""Seconds by hop: the types of the tasks, and what is before, between and after them."""

_TRACK: Final = """
SELECT process_id, type, extract(epoch FROM sent_at)::float8 AS sent,
       extract(epoch FROM answered_at)::float8 AS answered
FROM track WHERE process_id = ANY($1) AND answered_at IS NOT NULL AND sent_at IS NOT NULL
"""
_ORDERS: Final = """
SELECT id, body, extract(epoch FROM event_time)::float8 AS completed,
       extract(epoch FROM applied_at)::float8 AS applied
FROM fact WHERE resource = 'productOrder' AND id = ANY($1)
"""


class TaskSpan(NamedTuple):
    """A task from when it was sent until it was answered, in Unix seconds."""

    type: str
    sent: float
    answered: float


def hops_of(
    tasks: Sequence[TaskSpan], *, placed: float, completed: float, applied: float
) -> dict[str, float]:
    """Seconds of each hop of one order; parallel tasks overlap, everything else adds up.

    `accepting` is until the first task is sent, `between_tasks` all moments in which no task is
    under way, `completing` from the last answer to the completed order, `ods` until it shows.
    """
    spans = sorted(tasks, key=lambda task: task.sent)
    idle, busy_until = 0.0, spans[0].sent
    for task in spans:
        idle += max(0.0, task.sent - busy_until)
        busy_until = max(busy_until, task.answered)
    return {
        "accepting": spans[0].sent - placed,
        **{task.type: task.answered - task.sent for task in spans},
        "between_tasks": idle,
        "completing": completed - busy_until,
        "ods": applied - completed,
    }


async def hop_times(ods_dsn: str, order_ids: Sequence[str]) -> HopTimes:
    """The hops of all these orders, by name."""
    connection = await asyncpg.connect(ods_dsn)
    try:
        tracks = await connection.fetch(_TRACK, order_ids)
        orders = await connection.fetch(_ORDERS, order_ids)
    finally:
        await connection.close()
    tasks: dict[str, list[TaskSpan]] = defaultdict(list)
    for row in tracks:
        tasks[row["process_id"]].append(TaskSpan(row["type"], row["sent"], row["answered"]))
    hops: dict[str, list[float]] = defaultdict(list)
    for row in orders:
        if row["id"] not in tasks:
            continue
        placed = datetime.fromisoformat(from_json(row["body"])["orderDate"]).timestamp()
        one = hops_of(
            tasks[row["id"]], placed=placed, completed=row["completed"], applied=row["applied"]
        )
        for hop, seconds in one.items():
            hops[hop].append(seconds)
    return hops
