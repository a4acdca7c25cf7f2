"""Waiting for what happens in other tasks and processes: there is no event to wait on."""

import asyncio
from collections.abc import Awaitable, Callable


async def eventually(
    ask: Callable[[], Awaitable[object]], expected: object = True, *, seconds: float
) -> None:
    """Ask until the answer is the expected one; fails with the last answer."""
    seen: object = None
    try:
        async with asyncio.timeout(seconds):
            # The answer changes in other processes: none of them can set an event here.
            while (seen := await ask()) != expected:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
    except TimeoutError:
        raise AssertionError(
            f"after {seconds} s: expected {expected!r}, last seen {seen!r}"
        ) from None
