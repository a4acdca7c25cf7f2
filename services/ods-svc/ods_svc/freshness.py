"""How fresh each part of the view is: written by consumers, read by every API process."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

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
# What a service had published when its heart beat is in the view once all up to the beat is read.
_PUBLISHED = """
SELECT (SELECT published_up_to FROM heartbeat h
        WHERE h.service = q.service AND h.beat_at <= q.as_of ORDER BY h.beat_at DESC LIMIT 1)
FROM unnest($1::text[], $2::timestamptz[]) WITH ORDINALITY q(service, as_of, n) ORDER BY q.n
"""

Observe = Callable[[Mapping[TopicPartition, int], float], Awaitable[None]]


def write_freshness(progress: Progress, database: Database) -> Observe:
    """Writes what a consumer learns of its partitions, once a second."""

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


@dataclass(frozen=True, slots=True)
class Sources:
    """What something is made of: topics, and the services whose commits end up on them."""

    topics: Sequence[str]
    services: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Freshness:
    """How far the view is, for what is made of some topics of some services.

    All that was on the topics up to `as_of` is in the view, and all that the services committed up
    to `published_up_to`. None: nothing is known, because one was never read, or never beat.
    """

    as_of: datetime | None
    published_up_to: datetime | None
    unread: int
    as_of_text: str | None
    published_text: str | None

    def lag_ms(self, now: datetime) -> int | None:
        """The age of the oldest message that the view might not show yet."""
        if self.as_of is None:
            return None
        return max(round((now - self.as_of).total_seconds() * 1000), 0)

    def is_stale(self, now: datetime, limit: timedelta) -> bool:
        """Whether something older than `limit` might be missing, wherever it is held up."""
        if self.as_of is None or self.published_up_to is None:
            return True
        return now - min(self.as_of, self.published_up_to) > limit

    def to_dict(self, now: datetime) -> dict[str, object]:
        return {"asOf": self.as_of_text, "lagMs": self.lag_ms(now)}


class FreshnessReader:
    """What consumers wrote, by whatever is made of topics: a part of the view, or each topic.

    Read at most five times a second, for all requests at once. An old answer is never wrong: it
    only claims less.
    """

    def __init__(self, sources: Mapping[str, Sources]) -> None:
        self._sources = sources
        self._known: dict[str, Freshness] = {}
        self._read_at = -_KEEP_SECONDS
        self._reading = asyncio.Lock()

    async def read(self, pool: asyncpg.Pool) -> Mapping[str, Freshness]:
        """By the names that this reader was made with."""
        if self._is_old:
            async with self._reading:
                # Whoever waited here gets what was read meanwhile.
                if self._is_old:
                    self._known = await self._read(pool)
                    self._read_at = time.monotonic()
        return self._known

    @property
    def _is_old(self) -> bool:
        return time.monotonic() - self._read_at >= _KEEP_SECONDS

    async def _read(self, pool: asyncpg.Pool) -> dict[str, Freshness]:
        rows = {row["topic"]: row for row in await pool.fetch(_READ)}
        read = {
            name: _least(rows[t]["as_of"] if t in rows else None for t in of.topics)
            for name, of in self._sources.items()
        }
        published = await self._published(pool, read)
        return {
            name: _freshness(
                read[name],
                _least(published.get((name, service)) for service in of.services),
                sum(rows[t]["unread"] for t in of.topics if t in rows),
            )
            for name, of in self._sources.items()
        }

    async def _published(
        self, pool: asyncpg.Pool, read: Mapping[str, datetime | None]
    ) -> dict[tuple[str, str], datetime | None]:
        """By name and service: up to when its commits are in the view."""
        asked = [
            (name, service)
            for name, of in self._sources.items()
            for service in of.services
            if read[name] is not None
        ]
        if not asked:
            return {}
        rows = await pool.fetch(
            _PUBLISHED, [service for _, service in asked], [read[name] for name, _ in asked]
        )
        return {key: row[0] for key, row in zip(asked, rows, strict=True)}


def _least(moments: Iterable[datetime | None]) -> datetime | None:
    """The earliest; None if one is unknown, or there is none."""
    known = list(moments)
    return None if None in known else min((m for m in known if m is not None), default=None)


def _freshness(as_of: datetime | None, published_up_to: datetime | None, unread: int) -> Freshness:
    return Freshness(
        as_of,
        published_up_to,
        unread,
        timestamp(as_of) if as_of else None,
        timestamp(published_up_to) if published_up_to else None,
    )
