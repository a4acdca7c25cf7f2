"""One run of the demo, from the first customer to the last comparison."""

import asyncio
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from dualbus_cli.catalogue.loading import load_catalogue
from dualbus_cli.catalogue.reading import CatalogueFiles
from dualbus_cli.demo.bills import bills_of, check_bills, next_month, run_bills
from dualbus_cli.demo.channels import Channels, TakenOrder
from dualbus_cli.demo.committed import committed_between, committed_versions, unpublished
from dualbus_cli.demo.event_audit import Audit, audit
from dualbus_cli.demo.fallout import fallout_of
from dualbus_cli.demo.following import AppliedOrder, Follower, Resting, cancel_in_flight
from dualbus_cli.demo.live import Live
from dualbus_cli.demo.network_faults import active_customers, network_faults
from dualbus_cli.demo.ods_reading import OdsReader
from dualbus_cli.demo.order_plan import PlannedOrder
from dualbus_cli.demo.outcome import Outcome
from dualbus_cli.demo.subscriber import SeenEvent, running_subscriber
from dualbus_cli.demo.timing import completion, hops
from dualbus_cli.stack import Stack

_QUIET_SECONDS: Final = 60


class DemoRun:
    """The steps share the stack, the plans and the display."""

    def __init__(self, stack: Stack, run: str, plans: Sequence[PlannedOrder], shown: Live) -> None:
        self._stack = stack
        self._run = run
        self._plans = plans
        self._shown = shown
        self._reader = OdsReader(stack.database_url, prefix=f"{run}-")

    async def perform(self, catalogue: CatalogueFiles, *, per_second: int) -> Outcome:
        """Everything, in order. Raises what a service, a subscriber or a post raises."""
        stack = self._stack
        await load_catalogue(catalogue, stack.url)
        await self._quiet()
        seen_file = stack.directory / "subscriber.jsonl"
        async with running_subscriber(stack.bootstrap, seen_file) as subscriber:
            before = await committed_versions(stack.database_url)
            orders, applied = await self._orders(per_second)
            period = next_month(datetime.now(UTC).date())
            await run_bills(stack.url("billing"), period)
            await self._quiet()
            committed = committed_between(before, await committed_versions(stack.database_url))
            await self._ods_has(committed)
            seen = await subscriber.finish()
        return await self._outcome(orders, applied, period, await self._audit(committed, seen))

    async def _orders(self, per_second: int) -> tuple[list[TakenOrder], dict[str, AppliedOrder]]:
        stack, plans = self._stack, self._plans
        created, taken = 0, 0
        cancellations: list[asyncio.Task[None]] = []

        def one_created() -> None:
            nonlocal created
            created += 1
            self._shown.count("Customers", created, len(plans))

        def one_taken(order: TakenOrder) -> None:
            nonlocal taken
            taken += 1
            follower.follow(order)
            self._shown.count("Orders taken", taken, len(plans))
            if order.plan.fate == "cancelled":
                work = cancel_in_flight(order, channels, stack.url)
                cancellations.append(asyncio.create_task(work))

        def rested(resting: Resting) -> None:
            self._shown.count("Orders complete in the ODS", resting["completed"], to_complete)
            others = resting.total() - resting["completed"]
            self._shown.count("Other orders at rest", others, len(plans) - to_complete)

        to_complete = sum(1 for plan in plans if plan.fate == "completed")
        follower = Follower(stack.url, expected=len(plans), progress=rested)
        async with (
            Channels(stack.url) as channels,
            network_faults(stack.url("network_element"), run=self._run),
        ):
            await channels.create_customers(plans, one_created)
            async with asyncio.TaskGroup() as group:
                following = group.create_task(follower.wait())
                taking = channels.take_orders(plans, one_taken, per_second=per_second)
                orders = await group.create_task(taking)
                await asyncio.gather(*cancellations)
        return orders, following.result()

    async def _quiet(self) -> None:
        """Return when every outbox is empty, or after a minute: the audit then shows what is."""
        begun = time.monotonic()
        while await unpublished(self._stack.database_url):
            if time.monotonic() - begun > _QUIET_SECONDS:
                return
            await asyncio.sleep(0.1)

    async def _ods_has(self, committed: Mapping[tuple[str, str], range]) -> None:
        """Return when the ODS shows every committed version, or after a minute."""
        begun = time.monotonic()
        total = sum(map(len, committed.values()))
        while time.monotonic() - begun < _QUIET_SECONDS:
            versions = await self._reader.versions()
            behind = sum(
                max(0, wanted[-1] - max(versions.get(key, 0), wanted[0] - 1))
                for key, wanted in committed.items()
            )
            self._shown.count("Events in the ODS", total - behind, total)
            if not behind:
                return
            await asyncio.sleep(0.3)

    async def _audit(
        self, committed: Mapping[tuple[str, str], range], seen: Sequence[SeenEvent]
    ) -> Audit:
        customers = {plan.customer_id for plan in self._plans}
        return audit(committed, seen, await self._reader.events(), customers=customers)

    async def _outcome(
        self,
        orders: Sequence[TakenOrder],
        applied: Mapping[str, AppliedOrder],
        period: str,
        audited: Audit,
    ) -> Outcome:
        stack = self._stack
        customers = [order.plan.customer_id for order in orders]
        amounts = await bills_of(stack.url("billing"), period, customers)
        track = await self._reader.track([order.id for order in orders])
        of_file = [order for order in orders if order.plan.group == "file"]
        others = [order for order in orders if order.plan.group == "other"]
        return Outcome(
            run=self._run,
            period=period,
            orders=orders,
            applied=applied,
            complete=completion(orders, applied),
            hops=hops(orders, applied, track),
            file_bills=check_bills(of_file, amounts),
            other_bills=check_bills(others, amounts),
            audit=audited,
            fallout=await fallout_of(stack.url("order"), orders),
            inventory=await self._reader.inventory(),
            network=Counter(await active_customers(stack.url("network_element"))),
        )


def interleaved(
    file_plans: Sequence[PlannedOrder], others: Sequence[PlannedOrder]
) -> list[PlannedOrder]:
    """The other orders spread evenly among those of the file."""
    places = [(number / max(1, len(file_plans)), 0, plan) for number, plan in enumerate(file_plans)]
    places += [(number / max(1, len(others)), 1, plan) for number, plan in enumerate(others)]
    return [plan for *_, plan in sorted(places, key=lambda place: place[:2])]


def run_id(now: datetime) -> str:
    """Of a run: sorts by time and is unique to the second."""
    return f"demo{now:%y%m%d%H%M%S}"
