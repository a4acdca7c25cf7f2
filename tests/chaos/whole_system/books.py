"""The books: what was ordered against what all systems hold, owe, billed and told."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final

from dualbus_cli.demo.committed import unpublished

from tests.chaos.whole_system.bills import compare_bills
from tests.chaos.whole_system.events import compare_events
from tests.chaos.whole_system.ods import compare_ods
from tests.chaos.whole_system.order_mix import Taken
from tests.chaos.whole_system.pools import compare_pools, held_without_service
from tests.e2e.channel import Body, Channel
from tests.e2e.event_log import read_log
from tests.e2e.ledger import HOLDS, Comparison, Ledger
from tests.e2e.running_system import SERVICE_NAMES, RunningSystem

_STATES: Final = "SELECT id, state FROM product_order WHERE id = ANY($1)"
_SEEN: Final = "SELECT id, state FROM fact WHERE resource = 'productOrder' AND id = ANY($1)"
_PARKED: Final = "SELECT topic || ' ' || convert_from(key, 'utf8') AS id FROM parked_key"
_ROUND_SECONDS: Final = 2.0
# What is complete in one system may be on its way to another; it has long arrived after this.
_SETTLES_WITHIN: Final = 60.0


@dataclass(frozen=True)
class Verdict:
    """What was seen once all had come to rest. Anything lost, doubled or stuck is a finding."""

    orders: int
    stuck: dict[str, str]
    """State by id of orders that never came to the end they had to."""
    comparisons: list[Comparison]
    records_again: int
    """Records that stand on the log again under the same id, which a crash may cause."""

    def counts(self) -> dict[str, int]:
        lost = {f"{one.what}: lost": one.lost for one in self.comparisons}
        doubled = {f"{one.what}: doubled": one.doubled for one in self.comparisons}
        return {
            "orders": self.orders,
            "orders stuck": len(self.stuck),
            "lost": sum(lost.values()),
            "doubled": sum(doubled.values()),
            "records again": self.records_again,
            **{what: count for what, count in {**lost, **doubled}.items() if count},
        }

    def findings(self) -> list[str]:
        """Everything that is wrong, in words."""
        stuck = [f"order {id_} is stuck in {state}" for id_, state in self.stuck.items()]
        return [*stuck, *(found for one in self.comparisons for found in one.findings())]


class Books:
    """Open them before the orders, close them after: what a system gained in between."""

    def __init__(self, system: RunningSystem, channel: Channel) -> None:
        self._system = system
        self._ledger = Ledger(system, channel)
        self._held_before = 0
        self._again_before = 0

    async def open(self) -> None:
        self._held_before = await held_without_service(self._system)
        self._again_before = (await read_log(self._system.stack.bootstrap)).again()

    async def close(
        self, taken: Sequence[Taken], customer_ids: Sequence[str], *, ends_within: float
    ) -> Verdict:
        """Wait until every order has ended as it had to, then compare all there is.

        The customers must have had no other orders.
        """
        stuck = await self._stuck(taken, seconds=ends_within)
        settling = min(ends_within, _SETTLES_WITHIN)
        await _until(self._published, seconds=settling)
        lasting = [one.order for one in taken if one.end == "completed" and not one.ceased]
        others = [one.order for one in taken if one.end != "completed" or one.ceased]
        held = [one.order for one in taken if one.end == "held"]
        comparisons = [
            *await _settled(lambda: self._ledger.compared(lasting, others), settling),
            *await _settled(lambda: self._pools(held), settling),
            *await compare_bills(self._system, lasting, customer_ids),
            *await _settled(self._ods, settling),
            await self._parked(),
        ]
        log = await read_log(self._system.stack.bootstrap)
        comparisons += await compare_events(self._system, log)
        return Verdict(len(taken), stuck, comparisons, log.again() - self._again_before)

    async def _stuck(self, taken: Sequence[Taken], *, seconds: float) -> dict[str, str]:
        ends = {one.order["id"]: one.end for one in taken}
        stuck: dict[str, str] = {}

        async def none() -> bool:
            nonlocal stuck
            stuck = {}
            for service, sql in (("order", _STATES), ("ods", _SEEN)):
                rows = await self._system.rows(service, sql, list(ends))
                states = {row["id"]: row["state"] for row in rows}
                stuck |= {
                    id_: f"{states.get(id_)} in {service}, not {end}"
                    for id_, end in ends.items()
                    if states.get(id_) != end
                }
            return not stuck

        await _until(none, seconds=seconds)
        return stuck

    async def _published(self) -> bool:
        return await unpublished(self._system.stack.database_url) == 0

    async def _pools(self, held: Sequence[Body]) -> list[Comparison]:
        """An activation that failed for good keeps what it was assigned until a person decides."""
        kept = sum(
            HOLDS[item["productOffering"]["id"]]
            for order in held
            for item in order["productOrderItem"]
        )
        return await compare_pools(self._system, without_service=self._held_before + kept)

    async def _parked(self) -> Comparison:
        keys = {
            f"{service} {row['id']}": 1
            for service in SERVICE_NAMES
            for row in await self._system.rows(service, _PARKED)
        }
        return Comparison("parked key", {}, keys)

    async def _ods(self) -> list[Comparison]:
        return [await compare_ods(self._system)]


async def _settled(
    compare: Callable[[], Awaitable[list[Comparison]]], seconds: float
) -> list[Comparison]:
    """The comparisons as they are once nothing differs, or when time is up."""
    compared: list[Comparison] = []

    async def alike() -> bool:
        nonlocal compared
        compared = await compare()
        return not any(one.lost or one.doubled for one in compared)

    await _until(alike, seconds=seconds)
    return compared


async def _until(done: Callable[[], Awaitable[bool]], *, seconds: float) -> None:
    """Ask until it is done; when time is up, what is left is a finding and no error."""
    deadline = time.monotonic() + seconds
    # The answer changes in other processes: none of them can set an event here.
    while not await done() and time.monotonic() < deadline:  # noqa: ASYNC110
        await asyncio.sleep(_ROUND_SECONDS)
