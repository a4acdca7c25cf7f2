"""Orders through the real system: POST to complete in the ODS."""

import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Final

from dualbus_cli.bench.completions import Completions
from dualbus_cli.bench.fanout import FanOut
from dualbus_cli.bench.hops import HopTimes, hop_times
from dualbus_cli.bench.http_client import HttpClient
from dualbus_cli.bench.load import Accepted, Load, post_customers
from dualbus_cli.bench.resources import Groups, Usage, usage_of
from dualbus_cli.bench.traffic import TrafficReader
from dualbus_cli.bench.window import Window
from dualbus_cli.stack import Stack

_DRAIN_SECONDS: Final = 90.0
_WARM_UP_IN_FLIGHT: Final = 50
_WARM_UP_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True)
class AtRate:
    """Seconds of every order at one rate: its POST, and from its 201 to complete in the ODS."""

    per_second: float
    post_s: Sequence[float]
    complete_s: Sequence[float]
    hops: HopTimes


@dataclass(frozen=True, slots=True)
class Saturated:
    """`per_s` is orders from the first POST to the last one complete; `cpu_s` is all of them."""

    orders: int
    per_s: float
    cpu_s: dict[str, float]
    usage: Usage


class Flow:
    """One running system under load; made by `flow_through`."""

    def __init__(self, stack: Stack, ods_dsn: str, load: Load, customer_ids: Sequence[str]) -> None:
        self.customer_ids = customer_ids
        self._ods_dsn = ods_dsn
        self._stack = stack
        self._load = load

    async def warm_up(self, orders: int) -> None:
        """A first order of every customer opens the accounts, and fills caches and pools."""
        await self._saturate(orders, in_flight=_WARM_UP_IN_FLIGHT, seconds=_WARM_UP_SECONDS)

    async def count_messages(self, traffic: TrafficReader, *, orders: int) -> FanOut:
        """What an order comes to, by sending some and looking at Kafka before and after."""
        before = await traffic.settled()
        sent, _ = await self._saturate(
            orders, in_flight=_WARM_UP_IN_FLIGHT, seconds=_WARM_UP_SECONDS
        )
        return await traffic.fan_out(before, await traffic.settled(), orders=len(sent))

    async def at_rate(self, per_second: float, *, seconds: float) -> AtRate:
        """Open loop at this rate."""
        async with self._completions() as completions:
            window = Window(completions)
            orders = round(per_second * seconds)
            accepted = await self._load.at_rate(per_second, orders=orders, window=window)
            await window.drain(seconds=_DRAIN_SECONDS)
            applied = completions.applied_at
        return AtRate(
            per_second,
            [one.waited for one in accepted],
            # The view may show the last step before the channel has read its 201.
            [max(0.0, applied[one.order_id] - one.at) for one in accepted],
            await hop_times(self._ods_dsn, [one.order_id for one in accepted]),
        )

    async def saturated(
        self, orders: int, *, in_flight: int, seconds: float, groups: Groups
    ) -> Saturated:
        """As fast as the system completes orders, never more than `in_flight` open."""
        before = usage_of(groups)
        begun = time.time()
        sent, last = await self._saturate(orders, in_flight=in_flight, seconds=seconds)
        usage = usage_of(groups)
        return Saturated(len(sent), len(sent) / (last - begun), usage.cpu_since(before), usage)

    async def _saturate(
        self, orders: int, *, in_flight: int, seconds: float
    ) -> tuple[list[Accepted], float]:
        """The orders, and when the last was complete."""
        async with self._completions() as completions:
            window = Window(completions, limit=in_flight)
            accepted = await self._load.saturating(orders=orders, seconds=seconds, window=window)
            await window.drain(seconds=_DRAIN_SECONDS)
            return accepted, max(completions.applied_at[one.order_id] for one in accepted)

    @asynccontextmanager
    async def _completions(self) -> AsyncIterator[Completions]:
        completions = await Completions.connect(self._ods_dsn)
        try:
            yield completions
        finally:
            await completions.close()


@asynccontextmanager
async def flow_through(stack: Stack, *, customers: int) -> AsyncIterator[Flow]:
    """The system with new customers of the bench's own."""
    async with AsyncExitStack() as closing:
        client = HttpClient(stack.url("customer"))
        closing.callback(client.close)
        ids = await post_customers(client, customers)
        orders = HttpClient(stack.url("order"))
        closing.callback(orders.close)
        yield Flow(stack, stack.database_url("ods"), Load(orders, ids), ids)
