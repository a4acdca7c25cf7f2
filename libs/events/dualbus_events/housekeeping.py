"""What a service's bus tables need from time to time: inbox partitions, gauges of the outbox."""

import asyncio
import contextlib
import time

import asyncpg
import structlog
from dualbus_kit.clock import utc_now

from dualbus_events import inbox
from dualbus_events.metrics import (
    LOOP_LAG,
    OUTBOX_OLDEST,
    OUTBOX_PARKED,
    OUTBOX_PENDING,
    PARKED_KEYS,
    XMIN_AGE,
)

log = structlog.get_logger(__name__)

_EVERY_SECONDS = 5.0
_PARTITIONS_EVERY = 720
# Two processes of one service must not create the same partition at once.
_LOCK = 20_012

_GAUGES = """
SELECT (SELECT count(*) FROM (SELECT FROM outbox LIMIT 100000) o) AS pending,
       (SELECT coalesce(extract(epoch FROM clock_timestamp() - min(first)), 0) FROM (
          SELECT (SELECT created_at FROM outbox o WHERE o.shard = s ORDER BY seq LIMIT 1) AS first
          FROM generate_series(0, 15) s) f) AS oldest,
       (SELECT count(*) FROM outbox_parked) AS outbox_parked,
       (SELECT count(*) FROM parked_key) AS parked_keys,
       (SELECT coalesce(extract(epoch FROM max(now() - xact_start)), 0) FROM pg_stat_activity
        WHERE datname = current_database() AND backend_xmin IS NOT NULL) AS xmin_age
"""


class Housekeeping:
    """Runs beside the other parts; a failure is logged and tried again."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self._stopping = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        await self._keep_partitions()
        self._task = asyncio.create_task(self._run(), name="housekeeping")

    async def stop(self) -> None:
        self._stopping.set()
        if self._task is not None:
            await self._task

    async def _run(self) -> None:
        rounds = 0
        while not self._stopping.is_set():
            due = time.monotonic() + _EVERY_SECONDS
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), _EVERY_SECONDS)
                return
            LOOP_LAG.set(max(0.0, time.monotonic() - due))
            rounds += 1
            try:
                await self._measure()
                if rounds % _PARTITIONS_EVERY == 0:
                    await self._keep_partitions()
            except Exception as error:  # the next round tries again
                log.warning("housekeeping failed", error=repr(error))

    async def _measure(self) -> None:
        [row] = await self._pool.fetch(_GAUGES)
        OUTBOX_PENDING.set(row["pending"])
        OUTBOX_OLDEST.set(row["oldest"])
        OUTBOX_PARKED.set(row["outbox_parked"])
        PARKED_KEYS.set(row["parked_keys"])
        XMIN_AGE.set(row["xmin_age"])

    async def _keep_partitions(self) -> None:
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(f"SELECT pg_advisory_xact_lock({_LOCK})")
            await inbox.keep_partitions(connection, utc_now().date())
