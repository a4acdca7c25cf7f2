"""The system's first order, taken while two of its consumers have never been started."""

import asyncio
from dataclasses import dataclass

import httpx

from tests.e2e.channel import Body, Channel, an_order
from tests.e2e.running_system import SERVICE_NAMES, RunningSystem, eventually

NOT_YET = ("billing", "ods")


@dataclass(frozen=True)
class EarlyOrder:
    """The order as it was taken, and as it was just before the missing services started."""

    customer_id: str
    taken: Body
    before: Body


async def start_with_an_early_order(system: RunningSystem) -> EarlyOrder:
    """Start everything, billing and ODS last, with an order taken in between."""
    first = [name for name in SERVICE_NAMES if name not in NOT_YET]
    await system.start("network_element", "vas_platform", *first)
    await asyncio.to_thread(system.dualbus, "catalogue", "load")
    async with httpx.AsyncClient(timeout=30) as client:
        channel = Channel(system, client)
        customer = await channel.customer()
        taken = await channel.place(an_order(customer, "mobile-ringback"))

        async def verified() -> object:
            return (await channel.order(taken["id"]))["state"]

        await eventually(verified, "inProgress")
        before = await channel.order(taken["id"])
    await system.start()
    return EarlyOrder(customer, taken, before)
