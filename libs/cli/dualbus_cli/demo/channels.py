"""Five channels that post customers and orders at once, each with its own connections."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Self, TypeVar

import httpx

from dualbus_cli.demo.order_plan import CHANNELS, PlannedOrder
from dualbus_cli.demo.patience import patiently

T = TypeVar("T")
_CONNECTIONS: Final = 12
_TIMEOUT: Final = httpx.Timeout(30)
_CUSTOMER_PATH: Final = "/tmf-api/customerManagement/v4/customer"
ORDER_PATH: Final = "/tmf-api/productOrderingManagement/v4/productOrder"
CANCEL_PATH: Final = "/tmf-api/productOrderingManagement/v4/cancelProductOrder"


class PostRefused(RuntimeError):
    """A service did not take what was posted; the message has its answer."""


@dataclass(frozen=True)
class TakenOrder:
    """An order that a channel has its 201 for."""

    plan: PlannedOrder
    id: str
    accepted_at: datetime
    post_seconds: float


@dataclass(frozen=True)
class _Created:
    body: dict[str, Any]
    seconds: float


class Channels:
    """All five, as an async context manager. `url` is of a service by its short name."""

    def __init__(self, url: Callable[[str], str]) -> None:
        self._url = url
        limits = httpx.Limits(max_connections=_CONNECTIONS, max_keepalive_connections=_CONNECTIONS)
        self._clients = {
            name: httpx.AsyncClient(timeout=_TIMEOUT, limits=limits) for name in CHANNELS
        }
        self._gates = {name: asyncio.Semaphore(_CONNECTIONS) for name in CHANNELS}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        for client in self._clients.values():
            await client.aclose()

    async def create_customers(
        self, plans: Sequence[PlannedOrder], created: Callable[[], None]
    ) -> None:
        """The party and the customer of every order. Raises PostRefused."""

        async def create(plan: PlannedOrder) -> None:
            url = self._url("customer")
            await self._post(plan, url + plan.party_path, plan.party, key="party")
            await self._post(plan, url + _CUSTOMER_PATH, plan.customer, key="customer")
            created()

        await _all(create, plans)

    async def take_orders(
        self, plans: Sequence[PlannedOrder], taken: Callable[[TakenOrder], None], *, per_second: int
    ) -> list[TakenOrder]:
        """Post all orders, so many a second at most. Raises PostRefused."""
        begin = time.monotonic()

        async def take(plan: PlannedOrder) -> TakenOrder:
            due = begin + numbers[plan.customer_id] / per_second
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            order = await self._take(plan)
            taken(order)
            return order

        numbers = {plan.customer_id: number for number, plan in enumerate(plans)}
        return await _all(take, plans)

    async def cancel(self, order: TakenOrder) -> None:
        """Cancel an order through the channel that took it. Raises PostRefused."""
        body = {"productOrder": {"id": order.id}, "cancellationReason": "changed their mind"}
        await self._post(order.plan, self._url("order") + CANCEL_PATH, body, key="cancel")

    async def _take(self, plan: PlannedOrder) -> TakenOrder:
        url = self._url("order") + ORDER_PATH
        answer = await self._post(plan, url, plan.order, key="order")
        return TakenOrder(plan, answer.body["id"], datetime.now(UTC), answer.seconds)

    async def _post(
        self, plan: PlannedOrder, url: str, body: dict[str, Any], *, key: str
    ) -> "_Created":
        """Post as the plan's channel, under a key of its own; sent again it does nothing twice."""
        headers = {"Idempotency-Key": f"{plan.external_id}-{key}"}
        async with self._gates[plan.channel]:
            client = self._clients[plan.channel]
            sent = time.monotonic()
            answer = await patiently(lambda: client.post(url, json=body, headers=headers))
        if answer.status_code != 201:
            raise PostRefused(
                f"{plan.customer_id}: {url}: {answer.status_code} {answer.text[:500]}"
            )
        return _Created(answer.json(), time.monotonic() - sent)


async def _all(
    work: Callable[[PlannedOrder], Awaitable[T]], plans: Sequence[PlannedOrder]
) -> list[T]:
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(_awaited(work(plan))) for plan in plans]
    return [task.result() for task in tasks]


async def _awaited(awaitable: Awaitable[T]) -> T:
    return await awaitable
