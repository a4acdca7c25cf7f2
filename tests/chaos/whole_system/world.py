"""What a test of the whole system works with: the system, a channel, customers, the books."""

import random
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from time import monotonic

import httpx

from tests.chaos.history import History
from tests.chaos.whole_system.books import Books, Verdict
from tests.chaos.whole_system.order_mix import (
    Customers,
    Taken,
    draw_orders,
    orders_flowing,
    post_customers,
)
from tests.e2e.channel import Channel
from tests.e2e.running_system import RunningSystem

WorldOn = Callable[[RunningSystem], AbstractAsyncContextManager["World"]]
_CUSTOMERS_EACH = 60
_ENDS_WITHIN = 600


@dataclass
class World:
    """`customers` are those of the orders that flow; a test has others for what it does itself."""

    system: RunningSystem
    channel: Channel
    customers: Customers
    chance: random.Random
    history: History
    seen: dict[str, object]
    """What the verdict file tells."""
    _books: Books
    _own: list[str] = field(default_factory=list)

    async def own_customers(self, count: int) -> list[str]:
        made = await self.channel.customers(count)
        self._own += made
        return made

    @asynccontextmanager
    async def orders_flowing(self, per_second: float) -> AsyncIterator[list[Taken]]:
        """Orders of all kinds while in the context; the list has all of them afterwards."""
        orders = draw_orders(self.chance, self.customers)
        begun = monotonic()
        async with orders_flowing(self.channel, orders, per_second=per_second) as taken:
            yield taken
        self.seen["orders a second wanted"] = per_second
        self.seen["orders a second taken"] = round(len(taken) / (monotonic() - begun), 1)

    async def close_the_books(self, *taken: Taken, ends_within: float) -> Verdict:
        """Wait for the end of all these orders and compare everything, whatever comes of it."""
        customer_ids = [*self.customers.ids, *self._own]
        return await self._books.close(taken, customer_ids, ends_within=ends_within)

    async def judge(self, *taken: Taken) -> Verdict:
        """Wait for the end of all these orders, compare everything; fails on any difference."""
        verdict = await self.close_the_books(*taken, ends_within=_ENDS_WITHIN)
        findings = verdict.findings()
        self.seen |= verdict.counts()
        self.history.note("judged", counts=verdict.counts(), findings=findings)
        assert not findings, f"{len(findings)} findings, such as {findings[:10]}"
        return verdict


@asynccontextmanager
async def world(
    system: RunningSystem, *, chance: random.Random, history: History, seen: dict[str, object]
) -> AsyncIterator[World]:
    """Customers are there and the books are open; the network behaves again afterwards."""
    limits = httpx.Limits(max_connections=128, max_keepalive_connections=128)
    async with httpx.AsyncClient(timeout=30, limits=limits) as client:
        channel = Channel(system, client)
        customers = await post_customers(channel, each=_CUSTOMERS_EACH)
        books = Books(system, channel)
        await books.open()
        yield World(system, channel, customers, chance, history, seen, books)
        await channel.network()
