"""Long work on the event loop, in turns with whatever else waits for it."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from typing import TypeVar

T = TypeVar("T")

_ITEMS_A_TURN = 8


async def in_turns(items: Iterable[T]) -> AsyncIterator[T]:
    """The items; after every few of them, what else is ready on this event loop runs.

    For batches that take milliseconds: requests are answered by the same loop.
    """
    for position, item in enumerate(items, start=1):
        yield item
        if position % _ITEMS_A_TURN == 0:
            await asyncio.sleep(0)
