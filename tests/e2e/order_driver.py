"""Orders at a given rate, as clients send them that repeat what was not answered."""

import asyncio
from collections.abc import Awaitable, Callable

import httpx
from dualbus_kit.ids import new_id

from tests.e2e.channel import Body, Channel

_AT_ONCE = 48
_RETRY_SECONDS = 0.25
_NO_ANSWERS = (500, 502, 503)
_TRY_AGAIN = ("idempotencyKeyTaken", "superseded")


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
            return await until_taken(channel, order(number))

    return list(await asyncio.gather(*(one(number) for number in range(count))))


async def until_taken(channel: Channel, body: Body) -> Body:
    """The order as it was taken, sent until it is answered."""
    key = new_id()
    answer = await until_answered(lambda: channel.post_order(body, key=key))
    assert answer.status_code == 201, answer.text
    taken: Body = answer.json()
    return taken


async def until_answered(send: Callable[[], Awaitable[httpx.Response]]) -> httpx.Response:
    """The answer to a request that is sent until there is one; it must have an Idempotency-Key.

    A 409 that asks to try again is none: another request, such as the first try whose answer was
    lost, is under way.
    """
    while True:
        try:
            answer = await send()
        except httpx.TransportError:
            await asyncio.sleep(_RETRY_SECONDS)
            continue
        if answer.status_code in _NO_ANSWERS or code_of(answer) in _TRY_AGAIN:
            await asyncio.sleep(_RETRY_SECONDS)
            continue
        return answer


def code_of(answer: httpx.Response) -> str | None:
    """The `code` of a problem; None when it is none."""
    return answer.json()["code"] if answer.status_code == 409 else None
