"""Follows the run's orders: cancels some in flight, waits until all are at rest in the ODS."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import httpx

from dualbus_cli.demo.channels import Channels, TakenOrder
from dualbus_cli.demo.patience import patiently

AT_REST: Final = frozenset({"completed", "cancelled", "held", "rejected", "failed", "partial"})
_POLL_SECONDS: Final = 0.4
_PATIENCE_SECONDS: Final = 60


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


async def wait_for_rest(
    orders: Sequence[TakenOrder],
    url: Callable[[str], str],
    *,
    since: datetime,
    progress: Callable[[Mapping[str, AppliedOrder]], None],
) -> dict[str, AppliedOrder]:
    """The run's orders as the ODS has them, by id, when all rest or nothing moves any more."""
    ids = {order.id for order in orders}
    found: dict[str, AppliedOrder] = {}
    moved = time.monotonic()
    async with httpx.AsyncClient(base_url=url("ods"), timeout=30) as client:
        while True:
            now = await _applied(client, ids, since)
            if now != found:
                found, moved = now, time.monotonic()
            progress(found)
            resting = sum(1 for order in found.values() if order.state in AT_REST)
            if resting == len(ids) or time.monotonic() - moved > _PATIENCE_SECONDS:
                return found
            await asyncio.sleep(_POLL_SECONDS)


async def _applied(
    client: httpx.AsyncClient, ids: set[str], since: datetime
) -> dict[str, AppliedOrder]:
    parameters = {"resource": "productOrder", "since": since.isoformat()}
    answer = await patiently(lambda: client.get("/ops/ods/applied", params=parameters))
    return {
        one["id"]: AppliedOrder(
            one["state"],
            datetime.fromisoformat(one["eventTime"]),
            datetime.fromisoformat(one["appliedAt"]),
        )
        for one in answer.raise_for_status().json()
        if one["id"] in ids
    }
