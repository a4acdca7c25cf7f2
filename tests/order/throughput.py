"""How many orders a second one process takes, and replies it handles: printed, never asserted.

Run: python -m tests.order.throughput [--profile]
"""

import asyncio
import cProfile
import pstats
import sys
import time
from typing import Any

import orjson
from order_svc.product_order.intake import new_product_order
from order_svc.product_order.intake_desk import place_product_order
from order_svc.product_order.use_cases import PlaceRequest
from order_svc.service import SERVICE

from tests.harness import Harness, running
from tests.order.order_world import ORDERS, an_order, load_catalogue, new_tasks, reply
from tests.servers import shared_postgres, stop_shared_servers

ORDER_COUNT = 400
CLIENTS = 32
BATCH = 200


def clocks() -> tuple[float, float]:
    """Time by the wall, and of this process on a CPU: on a busy machine only that says much."""
    return time.perf_counter(), time.process_time()


def rates(count: int, since: tuple[float, float]) -> str:
    wall, cpu = clocks()
    each = (cpu - since[1]) / count * 1e6
    return f"{count / (wall - since[0]):7.0f}/s, {each:5.0f} us of this process's CPU each"


async def take_over_http(harness: Harness) -> str:
    numbers = iter(range(ORDER_COUNT))
    body = orjson.dumps(an_order())

    async def client() -> None:
        for _ in numbers:
            headers = {"Content-Type": "application/json"}
            answer = await harness.client.post(ORDERS, content=body, headers=headers)
            assert answer.status_code == 201

    started = clocks()
    await asyncio.gather(*(client() for _ in range(CLIENTS)))
    return rates(ORDER_COUNT, started)


async def take_without_http(harness: Harness) -> str:
    numbers = iter(range(ORDER_COUNT))
    settings = harness.service.settings

    async def client() -> None:
        for _ in numbers:
            body: dict[str, Any] = an_order()
            order = new_product_order(body, settings)
            await place_product_order(harness.database, PlaceRequest(order, None, b""))

    started = clocks()
    await asyncio.gather(*(client() for _ in range(CLIENTS)))
    return rates(ORDER_COUNT, started)


async def handle_replies(harness: Harness) -> str:
    handled, wall, cpu = 0, 0.0, 0.0
    while tasks := await new_tasks(harness):
        replies = [reply(task) for task in tasks]
        started = clocks()
        for position in range(0, len(replies), BATCH):
            await harness.deliver(*replies[position : position + BATCH])
        now = clocks()
        wall, cpu = wall + now[0] - started[0], cpu + now[1] - started[1]
        handled += len(replies)
    return f"{handled / wall:7.0f}/s, {cpu / handled * 1e6:5.0f} us of this process's CPU each"


async def main() -> None:
    async with running(SERVICE, shared_postgres()) as harness:
        await load_catalogue(harness)
        print(f"POST over ASGI and httpx: {await take_over_http(harness)}")
        print(f"intake without HTTP:      {await take_without_http(harness)}")
        print(f"replies handled:          {await handle_replies(harness)}")


if __name__ == "__main__":
    profile = cProfile.Profile(time.process_time) if "--profile" in sys.argv else None
    try:
        if profile:
            profile.runcall(asyncio.run, main())
            pstats.Stats(profile).sort_stats("tottime").print_stats(45)
        else:
            asyncio.run(main())
    finally:
        stop_shared_servers()
