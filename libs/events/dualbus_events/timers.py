"""Durable timers, by the database's clock. A timer that fires late is not wrong, only late."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence

import structlog
from dualbus_kit.database import TRANSIENT_DATABASE_ERRORS
from dualbus_kit.errors import Superseded

from dualbus_events.metrics import TIMERS_FIRED
from dualbus_events.unit_of_work import Database, UnitOfWork

log = structlog.get_logger(__name__)

_POLL_SECONDS = 0.25
_BATCH = 500

_TAKE_DUE = """
DELETE FROM timer t USING (
  SELECT kind, key FROM timer WHERE kind = $1 AND due_at <= now()
  ORDER BY due_at LIMIT $2 FOR UPDATE SKIP LOCKED) due
WHERE t.kind = due.kind AND t.key = due.key RETURNING t.key
"""

_DUE = "SELECT key FROM timer WHERE kind = $1 AND due_at <= now() ORDER BY due_at LIMIT $2"
_TAKE_ONE = "DELETE FROM timer WHERE kind = $1 AND key = $2 AND due_at <= now() RETURNING true"
_PUT_OFF = "UPDATE timer SET due_at = now() + interval '1 minute' WHERE kind = $1 AND key = $2"

Fire = Callable[[Sequence[str], UnitOfWork], Awaitable[None]]
"""Gets the keys that came due. It must look whether they still matter: timers aren't revoked."""


class TimerRunner:
    """Fires the timers of one kind; any number of runners share them."""

    def __init__(self, database: Database, *, kind: str, fire: Fire) -> None:
        self._database = database
        self._kind = kind
        self._fire = fire
        self._stopping = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name=f"timers {self._kind}")

    async def stop(self) -> None:
        """Finish the batch under way."""
        self._stopping.set()
        if self._task is not None:
            await self._task

    async def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                fired = await self.fire_due()
            except (*TRANSIENT_DATABASE_ERRORS, Superseded) as error:
                log.warning("timers wait", kind=self._kind, error=repr(error))
                fired = 0
            except Exception as error:  # one key's fault must not hold up all the others
                log.warning("timers failed; one by one", kind=self._kind, error=repr(error))
                fired = await self._try_one_by_one()
            if fired < _BATCH:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._stopping.wait(), _POLL_SECONDS)

    async def _try_one_by_one(self) -> int:
        try:
            return await self._fire_one_by_one()
        except Exception as error:  # a loop that ended would leave every process waiting
            log.warning("timers wait", kind=self._kind, error=repr(error))
            return 0

    async def alive(self) -> str | None:
        """Health: None while the loop runs."""
        return "timers have stopped" if self._task is None or self._task.done() else None

    async def _fire_one_by_one(self) -> int:
        """Fire each due key in a transaction of its own; one that fails waits for a minute."""
        due = await self._database.pool.fetch(_DUE, self._kind, _BATCH)
        fired = 0
        for row in due:
            try:
                async with self._database.unit_of_work() as uow:
                    taken = await uow.connection.fetchval(_TAKE_ONE, self._kind, row["key"])
                    if taken:
                        await self._fire([row["key"]], uow)
                        fired += 1
            except Exception:
                log.exception("timer failed", kind=self._kind, key=row["key"])
                await self._database.pool.execute(_PUT_OFF, self._kind, row["key"])
        return fired

    async def fire_due(self) -> int:
        """Fire what is due, in one transaction; the number of it."""
        async with self._database.unit_of_work() as uow:
            rows = await uow.connection.fetch(_TAKE_DUE, self._kind, _BATCH)
            if rows:
                await self._fire(sorted(row["key"] for row in rows), uow)
        TIMERS_FIRED.labels(self._kind).inc(len(rows))
        return len(rows)
