"""Follows the run's orders: cancels some in flight, waits until all are at rest in the ODS."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import httpx

from dualbus_cli.demo.channels import Channels, TakenOrder
from dualbus_cli.demo.patience import patiently

AT_REST: Final = frozenset({"completed", "cancelled", "held", "rejected", "failed", "partial"})
_POLL_SECONDS: Final = 0.4
# A batch that began earlier may be committed later.
_OVERLAP: Final = timedelta(seconds=5)
_PATIENCE_SECONDS: Final = 60


Resting = Counter[str]
"""How many orders are at rest in each state."""


@dataclass(frozen=True, slots=True)
class AppliedOrder:
    """An order as the ODS shows it, and since when."""

    state: str
    event_time: datetime
    applied_at: datetime


async def cancel_in_flight(
    order: TakenOrder, channels: Channels, url: Callable[[str], str]
) -> None:
    """Cancel the order once the network is at work for it, and it can still be undone."""
    async with httpx.AsyncClient(base_url=url("order"), timeout=10) as client:
        begun = time.monotonic()
        while time.monotonic() - begun < _PATIENCE_SECONDS:
            answer = await patiently(lambda: client.get(f"/ops/process/{order.id}"))
            shown = answer.raise_for_status().json()
            states = {
                task["state"] for task in shown["task"] if task["type"] == "provisioning.activate"
            }
            if "sent" in states:
                break
            await asyncio.sleep(0.1)
    await channels.cancel(order)


class Follower:
    """Sees the run's orders arrive in the ODS while they are still being taken."""

    def __init__(
        self, url: Callable[[str], str], *, expected: int, progress: Callable[[Resting], None]
    ) -> None:
        self._url = url
        self._expected = expected
        self._progress = progress
        self._taken: set[str] = set()
        self._applied: dict[str, AppliedOrder] = {}
        self._since = datetime.now(UTC) - _OVERLAP

    def follow(self, order: TakenOrder) -> None:
        """Another order was taken."""
        self._taken.add(order.id)

    async def wait(self) -> dict[str, AppliedOrder]:
        """The orders by id, when all expected ones rest or nothing moves any more."""
        moved = time.monotonic()
        known: tuple[int, Resting] = (0, Counter())
        async with httpx.AsyncClient(base_url=self._url("ods"), timeout=30) as client:
            while True:
                await self._read(client)
                now = len(self._taken), self._resting()
                if now != known:
                    known, moved = now, time.monotonic()
                self._progress(known[1])
                done = known[1].total() == self._expected
                if done or time.monotonic() - moved > _PATIENCE_SECONDS:
                    return {i: a for i, a in self._applied.items() if i in self._taken}
                await asyncio.sleep(_POLL_SECONDS)

    def _resting(self) -> Resting:
        return Counter(
            order.state
            for order_id, order in self._applied.items()
            if order_id in self._taken and order.state in AT_REST
        )

    async def _read(self, client: httpx.AsyncClient) -> None:
        """Only what came since the last time: with thousands of orders the rest is a lot."""
        parameters = {"resource": "productOrder", "since": self._since.isoformat()}
        answer = await patiently(lambda: client.get("/ops/ods/applied", params=parameters))
        for one in answer.raise_for_status().json():
            applied_at = datetime.fromisoformat(one["appliedAt"])
            event_time = datetime.fromisoformat(one["eventTime"])
            self._applied[one["id"]] = AppliedOrder(one["state"], event_time, applied_at)
            self._since = max(self._since, applied_at - _OVERLAP)
