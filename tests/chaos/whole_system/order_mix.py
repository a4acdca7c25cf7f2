"""Orders of all kinds as channels send them, each with the end that it must come to."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import takewhile
from typing import Final, Literal

from dualbus_kit.ids import new_id

from tests.e2e.channel import Body, Channel, an_order
from tests.e2e.order_driver import until_answered, until_taken

Kind = Literal["usual", "fails", "cancelled"]
End = Literal["completed", "held", "cancelled"]

_SHARES: Final[Mapping[Kind, float]] = {"usual": 0.95, "fails": 0.02, "cancelled": 0.03}
_OFFERINGS: Final = ("phone", "fibre", "streaming-tv", "mobile-ringback", "leased-line-gold")
_MOST_ITEMS: Final = 3
# So slow that an order is still on its way when its cancellation comes, if nothing is down.
_SLOW_MS: Final = 20_000
_AT_ONCE: Final = 64


@dataclass(frozen=True, slots=True)
class Planned:
    """An order that is to be sent."""

    kind: Kind
    body: Body


@dataclass(frozen=True, slots=True)
class Taken:
    """An order that was answered 201, and what must come of it.

    What an order brought is `ceased` when another order has taken it away again.
    """

    order: Body
    end: End = "completed"
    ceased: bool = False


@dataclass(frozen=True, slots=True)
class Customers:
    """Customers by the kind of their orders: the network element treats each kind its own way."""

    by_kind: Mapping[Kind, Sequence[str]]

    @property
    def ids(self) -> list[str]:
        return [id_ for ids in self.by_kind.values() for id_ in ids]


async def post_customers(channel: Channel, *, each: int) -> Customers:
    """New customers, and a network element that fails and dawdles for those that need it."""
    run = new_id()[-8:]
    kinds = list(_SHARES)
    made = [await channel.customers(each, named=f"{run}-{kind}") for kind in kinds]
    await channel.network(
        _rule(f"{run}-fails-*", {"outcome": "fail"}),
        _rule(f"{run}-cancelled-*", {"latencyMs": _SLOW_MS}),
    )
    return Customers(dict(zip(kinds, made, strict=True)))


def _rule(customers: str, behaviour: Body) -> Body:
    return {"match": {"customerId": customers, "op": "activate"}, **behaviour}


def draw_orders(chance: random.Random, customers: Customers) -> Iterator[Planned]:
    """Orders without end: one to three items of any offering, most of the usual kind."""
    while True:
        [kind] = chance.choices(list(_SHARES), list(_SHARES.values()))
        offerings = chance.choices(_OFFERINGS, k=chance.randint(1, _MOST_ITEMS))
        yield Planned(kind, an_order(chance.choice(customers.by_kind[kind]), *offerings))


async def send(channel: Channel, orders: Iterable[Planned], *, per_second: float) -> list[Taken]:
    """Send each when it is due, again until it is answered, and cancel those that are to be."""
    gate = asyncio.Semaphore(_AT_ONCE)
    begun = time.monotonic()

    async def one(planned: Planned) -> Taken:
        async with gate:
            order = await until_taken(channel, planned.body)
            return Taken(order, await _end(channel, planned.kind, order["id"]))

    async with asyncio.TaskGroup() as group:
        tasks = []
        for number, planned in enumerate(orders):
            # Open loop: orders are sent when they are due, however the others fare.
            await asyncio.sleep(max(0.0, begun + number / per_second - time.monotonic()))
            tasks.append(group.create_task(one(planned)))
    return [task.result() for task in tasks]


@asynccontextmanager
async def orders_flowing(
    channel: Channel, orders: Iterable[Planned], *, per_second: float
) -> AsyncIterator[list[Taken]]:
    """While in the context, orders are sent; the list has all of them once it has ended."""
    flowing = True
    taken: list[Taken] = []
    wanted = takewhile(lambda _: flowing, orders)
    sending = asyncio.create_task(send(channel, wanted, per_second=per_second))
    try:
        yield taken
    finally:
        flowing = False
        taken += await sending


async def _end(channel: Channel, kind: Kind, order_id: str) -> End:
    if kind != "cancelled":
        return "held" if kind == "fails" else "completed"
    key = new_id()
    answer = await until_answered(lambda: channel.cancel(order_id, key=key))
    # The answer says whether it was too late, and what was answered must hold.
    too_late = answer.status_code == 409 or answer.json()["state"] == "terminatedWithError"
    assert answer.status_code in (201, 409), answer.text
    return "completed" if too_late else "cancelled"
