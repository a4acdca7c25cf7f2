"""HTTP for a system whose processes may be killed and started again at any moment."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Final

import httpx

_PATIENCE_SECONDS: Final = 90
_FIRST_PAUSE: Final = 0.1
_LONGEST_PAUSE: Final = 2.0
_UNAVAILABLE: Final = frozenset({502, 503, 504})


async def patiently(send: Callable[[], Awaitable[httpx.Response]]) -> httpx.Response:
    """The answer, asked for again while nobody answers or the service says it can't now.

    `send` must be harmless to repeat: a read, or a post with an Idempotency-Key. After a minute
    and a half the last answer is handed out, or the httpx.TransportError raised.
    """
    begun = time.monotonic()
    pause = _FIRST_PAUSE
    while True:
        late = time.monotonic() - begun > _PATIENCE_SECONDS
        try:
            answer = await send()
        except httpx.TransportError:
            if late:
                raise
        else:
            if late or not _asks_to_try_again(answer):
                return answer
        await asyncio.sleep(pause)
        pause = min(2 * pause, _LONGEST_PAUSE)


def _asks_to_try_again(answer: httpx.Response) -> bool:
    """Also when the first sending of a key that got no answer is still being worked on."""
    being_answered = answer.status_code == 409 and "idempotencyKeyTaken" in answer.text
    return being_answered or answer.status_code in _UNAVAILABLE
