"""How far this process has applied the bus, for those who wait for it and those who measure it."""

import asyncio
from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from dualbus_events.broker import ReceivedRecord, TopicPartition


class Progress:
    """One per process. Waiters are futures, so nothing here belongs to one event loop."""

    def __init__(self) -> None:
        self._waiting: set[asyncio.Future[None]] = set()
        self._applied: dict[TopicPartition, int] = {}

    def after_commit_of(self, records: Iterable[ReceivedRecord]) -> Callable[[], None]:
        """What to call once these records are committed."""
        last = {TopicPartition(r.topic, r.partition): r.timestamp_ms for r in records}

        def committed() -> None:
            self._applied.update(last)
            for waiter in self._waiting:
                if not waiter.done():
                    waiter.set_result(None)

        return committed

    def applied_up_to(self, partition: TopicPartition) -> datetime | None:
        """When the last record applied here was produced; None when there was none yet."""
        milliseconds = self._applied.get(partition)
        return None if milliseconds is None else datetime.fromtimestamp(milliseconds / 1000, UTC)

    async def next_batch(self, *, seconds: float) -> None:
        """Return when this process has applied another batch, or after `seconds`."""
        waiter = asyncio.get_running_loop().create_future()
        self._waiting.add(waiter)
        try:
            await asyncio.wait([waiter], timeout=seconds)
        finally:
            self._waiting.discard(waiter)
