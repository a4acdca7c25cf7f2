"""Systemic failure: when most messages fail, it is us that is broken, and nothing is set aside.

A bad deploy must not park thousands of keys that somebody has to release again (bus.md, 2.6).
"""

import time
from collections import deque
from dataclasses import dataclass
from itertools import repeat

import asyncpg
import structlog
from dualbus_kit.clock import timestamp
from dualbus_kit.database import TRANSIENT_DATABASE_ERRORS, Connection
from dualbus_kit.ids import new_uuid

from dualbus_events.metrics import CONSUMER_STOPPED, SYSTEMIC_FAILURES

log = structlog.get_logger(__name__)

WINDOW = 200
TOO_MANY = 80
"""So many failures among the last 200 stop a consumer: where half fails, a hundred only may."""
PROBE_SECONDS = 5.0
_SEEN_WITHIN = "30 seconds"

_SEEN = """
UPDATE consumer_stopped SET seen_at = now() WHERE consumer = $1 AND member = $2 RETURNING true
"""
_STOPPED = """
INSERT INTO consumer_stopped (consumer, member, reason) VALUES ($1, $2, $3)
ON CONFLICT (consumer, member) DO UPDATE SET seen_at = now()
"""
_RESUME = "DELETE FROM consumer_stopped WHERE consumer = $1"
_LIST = f"""
SELECT consumer, reason, min(stopped_at) AS stopped_at, count(*) AS members
FROM consumer_stopped WHERE seen_at > now() - interval '{_SEEN_WITHIN}' GROUP BY consumer, reason
"""  # noqa: S608 - the interval is the code's own


class SystemicFailure(Exception):
    """Too many of the last messages failed: the consumer stops taking instead of parking more."""


class Breaker:
    """Counts what became of a consumer's messages, and stops it when 80 of the last 200 failed.

    It is the member's own: one that runs good code goes on. While it is open the member keeps its
    place in the database, where an operator can say to go on.
    """

    def __init__(self, pool: asyncpg.Pool, *, group: str, consumer: int) -> None:
        self._pool = pool
        self._group = group
        self._consumer = consumer
        self._member = new_uuid()
        self._well: deque[bool] = deque(maxlen=WINDOW)
        self._known = False
        self._probed_at = 0.0
        self.reason: str | None = None
        """Why the consumer has stopped; None while it takes messages."""

    def succeeded(self, messages: int) -> None:
        """So many messages were handled."""
        self._well.extend(repeat(True, min(messages, WINDOW)))

    def failed(self, error: BaseException) -> None:
        """A message failed for good. Raises SystemicFailure when too many of the last did."""
        self._well.append(False)
        failures = self._well.count(False)
        if failures < TOO_MANY:
            return
        self.reason = (
            f"{failures} of the last {len(self._well)} messages failed, "
            f"the last with {type(error).__name__}: {str(error)[:500]}"
        )
        self._probed_at = time.monotonic()
        SYSTEMIC_FAILURES.labels(self._group).inc()
        CONSUMER_STOPPED.labels(self._group).set(1)
        log.error("consumer stopped: systemic failure", group=self._group, reason=self.reason)
        raise SystemicFailure(self.reason)

    def probe_due(self, seconds: float) -> bool:
        """True every so many seconds while it is open: time to try one key."""
        if time.monotonic() - self._probed_at < seconds:
            return False
        self._probed_at = time.monotonic()
        return True

    async def resumed_by_operator(self) -> bool:
        """Keep this member's row in the database fresh; True when an operator took it away."""
        try:
            if await self._pool.fetchval(_SEEN, self._consumer, self._member):
                return False
            if self._known:
                return True
            await self._pool.execute(_STOPPED, self._consumer, self._member, self.reason)
            self._known = True
        except (*TRANSIENT_DATABASE_ERRORS, asyncpg.PostgresError) as error:
            log.warning("not told that the consumer stopped", error=repr(error))
        return False

    async def close(self, why: str) -> None:
        """Take messages again, with nothing counted yet."""
        self.reason = None
        self._well.clear()
        CONSUMER_STOPPED.labels(self._group).set(0)
        log.warning("consumer resumes", group=self._group, because=why)
        await self.forget()

    async def forget(self) -> None:
        """Take this member's row away; one that can't be reached is old in 30 seconds."""
        if not self._known:
            return
        self._known = False
        try:
            await self._pool.execute(
                "DELETE FROM consumer_stopped WHERE consumer = $1 AND member = $2",
                self._consumer,
                self._member,
            )
        except (*TRANSIENT_DATABASE_ERRORS, asyncpg.PostgresError) as error:
            log.warning("not told that the consumer resumes", error=repr(error))


@dataclass(frozen=True, slots=True)
class StoppedConsumer:
    """A consumer of which at least one member has stopped."""

    consumer: int
    reason: str
    stopped_at: str
    members: int


async def stopped_consumers(connection: Connection) -> list[StoppedConsumer]:
    """Those that have said so in the last 30 seconds."""
    return [
        StoppedConsumer(
            row["consumer"], row["reason"], timestamp(row["stopped_at"]), row["members"]
        )
        for row in await connection.fetch(_LIST)
    ]


async def resume_consumer(connection: Connection, consumer: int) -> None:
    """Have all members of a consumer take messages again; they notice within a second."""
    await connection.execute(_RESUME, consumer)
