"""The floor's relay: polls the outbox, sends, deletes what was acknowledged."""

import asyncio
import contextlib

from aiokafka import AIOKafkaProducer

from dualbus_cli.bench.floor.storage import DELETE_OUTBOX, READ_OUTBOX, Pool

# All writers are in this process and wake it; polling is for what a killed one left.
_IDLE_SECONDS = 0.1


class FloorRelay:
    """One per process; a commit of the same process wakes it."""

    def __init__(self, pool: Pool, producer: AIOKafkaProducer) -> None:
        self._pool = pool
        self._producer = producer
        self._wake = asyncio.Event()

    def wake(self) -> None:
        self._wake.set()

    async def run(self) -> None:
        """Publish until cancelled."""
        while True:
            if await self._publish():
                continue
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), _IDLE_SECONDS)
            self._wake.clear()

    async def _publish(self) -> int:
        async with self._pool.acquire() as connection:
            rows = await connection.fetch(READ_OUTBOX)
            if not rows:
                return 0
            sent = [
                await self._producer.send(row["topic"], row["value"], key=row["key"])
                for row in rows
            ]
            await asyncio.gather(*sent)
            await connection.execute(DELETE_OUTBOX, [row["seq"] for row in rows])
        return len(rows)
