"""Posted events are kept as long as Kafka keeps them, then forgotten."""

import asyncio
import contextlib
from typing import Final

import asyncpg
import structlog
from dualbus_events.contract.event import POSTED_EVENTS
from dualbus_events.service import RunningService
from dualbus_kit.clock import utc_now
from dualbus_kit.database import TRANSIENT_DATABASE_ERRORS

log = structlog.get_logger(__name__)

KEPT_MS: Final = int(POSTED_EVENTS.config["retention.ms"])
_EVERY_SECONDS: Final = 600.0
_AT_ONCE: Final = 5_000
# An id begins with the milliseconds at which it was made (UUIDv7).
_FORGET = """
DELETE FROM event WHERE id IN (
  SELECT id FROM event WHERE id < $1 ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED)
"""


async def forget_old_events(pool: asyncpg.Pool, *, now_ms: int) -> int:
    """Delete what is older than KEPT_MS, a batch in each transaction; how many they were."""
    first_kept = f"{now_ms - KEPT_MS:012x}"
    forgotten = 0
    while True:
        status = await pool.execute(_FORGET, f"{first_kept[:8]}-{first_kept[8:]}", _AT_ONCE)
        deleted = int(status.rpartition(" ")[2])
        forgotten += deleted
        if deleted < _AT_ONCE:
            return forgotten


class EventRetention:
    """Runs beside the consumers; a failure is logged and tried again."""

    def __init__(self, service: RunningService) -> None:
        self._pool = service.database.pool
        self._stopping = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="event retention")

    async def stop(self) -> None:
        self._stopping.set()
        if self._task is not None:
            await self._task

    async def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                now_ms = int(utc_now().timestamp() * 1000)
                if forgotten := await forget_old_events(self._pool, now_ms=now_ms):
                    log.info("old events forgotten", events=forgotten)
            except TRANSIENT_DATABASE_ERRORS as error:
                log.warning("old events not forgotten", error=repr(error))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), _EVERY_SECONDS)
