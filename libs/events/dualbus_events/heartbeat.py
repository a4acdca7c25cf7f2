"""Heartbeats: how far a service's outbox is known to be on Kafka, told through that outbox.

A service that has nothing to say and one whose relay is stuck look the same to a reader of its
topics. A heartbeat tells them apart: while it arrives, all that its service committed up to
`publishedUpTo` is on its topics.
"""

import asyncio
import contextlib
from datetime import datetime

import structlog

from dualbus_events.outbox import heartbeat_message
from dualbus_events.unit_of_work import Database

log = structlog.get_logger(__name__)

EVERY_SECONDS = 5.0
# Rows whose key the broker refused wait for a person, and are told by a metric of their own.
_PUBLISHED_UP_TO = """
SELECT clock_timestamp() AS now, (SELECT min(first) FROM (
  SELECT (SELECT created_at FROM outbox o WHERE o.shard = s AND NOT EXISTS (
            SELECT FROM outbox_parked p WHERE p.topic = o.topic AND p.key = o.key)
          ORDER BY seq LIMIT 1) AS first
  FROM generate_series(0, 15) s) f) AS oldest
"""


class Heartbeat:
    """Beats beside a relay until stopped. Several relays of a service may beat at once."""

    def __init__(self, database: Database, service: str) -> None:
        self._database = database
        self._service = service
        self._stopping = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="heartbeat")

    async def stop(self) -> None:
        self._stopping.set()
        if self._task is not None:
            await self._task

    async def beat(self) -> None:
        """Write one heartbeat to the outbox."""
        async with self._database.unit_of_work() as uow:
            [row] = await uow.connection.fetch(_PUBLISHED_UP_TO)
            published_up_to: datetime = row["oldest"] or row["now"]
            uow.send(
                heartbeat_message(
                    uow.source, self._service, now=row["now"], published_up_to=published_up_to
                )
            )

    async def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                await self.beat()
            except Exception as error:  # a loop that ended would never say so again
                # Without it readers are told that this service's data may be old, as it may be.
                log.warning("no heartbeat", error=repr(error))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), EVERY_SECONDS)
