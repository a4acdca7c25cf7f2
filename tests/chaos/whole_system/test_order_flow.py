"""Orders flow while any part of the system fails, again and again: all of them end, once."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest

from tests.chaos.whole_system.faults import draw_faults, inflict
from tests.chaos.whole_system.order_mix import draw_orders, send
from tests.chaos.whole_system.scale import FLOW_RATE, SECONDS
from tests.chaos.whole_system.split_system import SplitSystem, split_system
from tests.chaos.whole_system.world import WorldOn

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(3_000)]


@pytest.fixture(scope="module")
def apart(state: Path) -> Iterator[SplitSystem]:
    with split_system(state) as system:
        yield system


@pytest.mark.case(
    fails="a random part (an API, a relay, a consumer, Kafka, PostgreSQL) is killed, frozen or "
    "restarted every few seconds while orders are taken",
    promised="every order taken ends as it must, all it brings is made and billed once, pools and "
    "bills add up, the ODS equals the owners, every change is one event",
)
async def test_order_flow(apart: SplitSystem, world_on: WorldOn) -> None:
    async with world_on(apart.running) as world, apart.looked_after(world.history.note):
        faults = draw_faults(world.chance, [part.name for part in apart.parts], seconds=SECONDS)
        orders = islice(draw_orders(world.chance, world.customers), round(FLOW_RATE * SECONDS))
        flow = asyncio.create_task(send(world.channel, orders, per_second=FLOW_RATE))

        await inflict(faults, apart.parts, tell=world.history.note)

        taken = await flow
        world.seen |= {"seconds": SECONDS, "orders a second": FLOW_RATE}
        world.seen |= Counter(f"{fault.kind} {_sort(fault.part)}" for fault in faults)
        await world.judge(*taken)


def _sort(part: str) -> str:
    """`relay` of `order-relay`; Kafka and PostgreSQL are their own."""
    return part.rpartition("-")[2]
