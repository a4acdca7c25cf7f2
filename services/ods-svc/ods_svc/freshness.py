"""How fresh each part of the view is: written by consumers, read by every API process."""

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import asyncpg
from dualbus_events.broker import TopicPartition
from dualbus_events.unit_of_work import Database
from dualbus_kit.clock import timestamp

from ods_svc.projection.progress import Progress

_KEEP_SECONDS = 0.2

# A partition with a backlog that this process has not applied anything of keeps its old moment.
_WRITE = """
INSERT INTO projection_freshness (topic, kpartition, unread, as_of)
SELECT * FROM unnest($1::text[], $2::int[], $3::bigint[], $4::timestamptz[])
ON CONFLICT (topic, kpartition) DO UPDATE SET unread = excluded.unread,
  as_of = coalesce(excluded.as_of, projection_freshness.as_of)
"""
# min() would ignore a partition of which nothing is known.
_READ = """
SELECT topic, CASE WHEN bool_and(as_of IS NOT NULL) THEN min(as_of) END AS as_of,
       sum(unread)::bigint AS unread
FROM projection_freshness GROUP BY topic
"""


def freshness_observer(
    progress: Progress,
) -> Callable[[Database], Callable[[Mapping[TopicPartition, int], float], Awaitable[None]]]:
    """For ServiceSpec.observe: writes what a consumer learns of its partitions, once a second."""

    def of(database: Database) -> Callable[[Mapping[TopicPartition, int], float], Awaitable[None]]:
        async def observe(lag: Mapping[TopicPartition, int], moment: float) -> None:
            now = datetime.fromtimestamp(moment, UTC)
            partitions = sorted(lag)
            await database.pool.execute(
                _WRITE,
                [p.topic for p in partitions],
                [p.partition for p in partitions],
                [lag[p] for p in partitions],
                [progress.applied_up_to(p) if lag[p] else now for p in partitions],
            )

        return observe

    return of


@dataclass(frozen=True, slots=True)
class Freshness:
    """All that was on some topics up to `as_of` is in the view; None while one was never read."""

    as_of: datetime | None
    unread: int
    as_of_text: str | None

    def to_dict(self, now: datetime) -> dict[str, object]:
        """`lagMs` is the age of the oldest change that the view might not show yet."""
        if self.as_of is None:
            return {"asOf": None, "lagMs": None}
        lag = (now - self.as_of).total_seconds() * 1000
        return {"asOf": self.as_of_text, "lagMs": max(round(lag), 0)}


class FreshnessReader:
    """What consumers wrote, by whatever is made of topics: a part of the view, or each topic.

    Read at most five times a second, for all requests at once. An old answer is never wrong: it
    only claims less.
    """

    def __init__(self, topics_of: Mapping[str, Sequence[str]]) -> None:
        self._topics_of = topics_of
        self._known: dict[str, Freshness] = {}
        self._read_at = -_KEEP_SECONDS

    async def read(self, pool: asyncpg.Pool) -> Mapping[str, Freshness]:
        """By the names that this reader was made with."""
        if time.monotonic() - self._read_at >= _KEEP_SECONDS:
            rows = {row["topic"]: row for row in await pool.fetch(_READ)}
            self._known = {
                name: _of_topics([rows.get(topic) for topic in topics])
                for name, topics in self._topics_of.items()
            }
            self._read_at = time.monotonic()
        return self._known


def _of_topics(rows: Sequence[asyncpg.Record | None]) -> Freshness:
    """As fresh as the stalest of them."""
    moments = [row["as_of"] if row is not None else None for row in rows]
    known = [moment for moment in moments if moment is not None]
    as_of = min(known) if known and len(known) == len(moments) else None
    unread = sum(row["unread"] for row in rows if row is not None)
    return Freshness(as_of, unread, timestamp(as_of) if as_of else None)
