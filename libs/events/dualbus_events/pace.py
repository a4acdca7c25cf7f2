"""Pacing: a loop that has just worked lets a little gather before it works again."""

import asyncio
import time


class Pace:
    """Keeps the starts of a loop's rounds apart. A round after a pause starts at once.

    A round costs about the same for one message as for fifty. Without this, a busy machine spends
    its time on rounds of one.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._next = 0.0

    async def wait(self) -> None:
        """Return when the next round may start."""
        rest = self._next - time.monotonic()
        if rest > 0:
            await asyncio.sleep(rest)
        self._next = time.monotonic() + self._seconds
