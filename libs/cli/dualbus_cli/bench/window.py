"""Keeps a bounded number of orders open: accepted and not yet complete in the ODS."""

import asyncio
import contextlib
import math
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from dualbus_cli.bench.completions import Completions
from dualbus_cli.bench.errors import BenchFailed

_LOOK_SECONDS: Final = 0.05


class Window:
    """Orders enter while fewer than `limit` are open; with one, use it within `following`."""

    def __init__(self, completions: Completions, *, limit: float = math.inf) -> None:
        self._completions = completions
        self._limit = limit
        self._entering = 0
        self._open: set[str] = set()
        self._room = asyncio.Event()
        self._room.set()

    async def enter(self) -> None:
        """Wait for room, and take it."""
        while len(self._open) + self._entering >= self._limit:
            self._room.clear()
            await self._room.wait()
        self._entering += 1

    def entered(self, order_id: str) -> None:
        """The room that was taken is now this order's, until it is complete."""
        self._entering -= 1
        if order_id not in self._completions.applied_at:
            self._open.add(order_id)

    @asynccontextmanager
    async def following(self) -> AsyncIterator[None]:
        """Give room back as orders complete."""
        ended = asyncio.Event()

        async def follow() -> None:
            while not ended.is_set():
                await self.look()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(ended.wait(), _LOOK_SECONDS)

        async with asyncio.TaskGroup() as group:
            group.create_task(follow())
            try:
                yield
            finally:
                ended.set()

    async def look(self) -> None:
        self._open.difference_update(await self._completions.look())
        self._room.set()

    async def drain(self, *, seconds: float) -> None:
        """Wait until nothing is open. Raises BenchFailed after `seconds`."""
        deadline = time.monotonic() + seconds
        await self.look()
        while self._open and time.monotonic() < deadline:
            await asyncio.sleep(_LOOK_SECONDS)
            await self.look()
        if self._open:
            raise BenchFailed(
                f"{len(self._open)} orders were not complete {seconds:.0f} s after the last one "
                f"was taken, such as {min(self._open)}"
            )
