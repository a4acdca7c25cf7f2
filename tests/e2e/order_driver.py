"""Orders at a given rate, as clients send them that repeat what was not answered."""

import asyncio
from collections.abc import Callable

import httpx
from dualbus_kit.ids import new_id

from tests.e2e.channel import Body, Channel

_AT_ONCE = 48
_RETRY_SECONDS = 0.25


async def drive(
    channel: Channel, order: Callable[[int], Body], *, per_second: float, count: int
) -> list[Body]:
    """The orders as they were taken: `count` of them, one every 1/`per_second` seconds.

    What fails on the way or in the server is sent again, with the same Idempotency-Key, until it
    is answered 201; any other answer fails the test.
    """
    gate = asyncio.Semaphore(_AT_ONCE)

    async def one(number: int) -> Body:
        await asyncio.sleep(number / per_second)
        async with gate:
            return await _until_taken(channel, order(number))

    return list(await asyncio.gather(*(one(number) for number in range(count))))


async def _until_taken(channel: Channel, body: Body) -> Body:
    key = new_id()
    while True:
        try:
            answer = await channel.post_order(body, key=key)
        except httpx.TransportError:
            await asyncio.sleep(_RETRY_SECONDS)
            continue
        # 409: the first try, whose answer was lost, may still be under way.
        if answer.status_code in (500, 502, 503, 409):
            await asyncio.sleep(_RETRY_SECONDS)
            continue
        assert answer.status_code == 201, answer.text
        taken: Body = answer.json()
        return taken
