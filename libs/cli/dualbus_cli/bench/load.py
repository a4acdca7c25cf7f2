"""Customers and orders as a channel posts them, at a rate or as fast as they complete."""

import asyncio
import json
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from pydantic_core import from_json

from dualbus_cli.bench.errors import BenchFailed
from dualbus_cli.bench.http_client import HttpClient
from dualbus_cli.bench.window import Window

CUSTOMER_PATH: Final = "/tmf-api/customerManagement/v4/customer"
ORDER_PATH: Final = "/tmf-api/productOrderingManagement/v4/productOrder"
CLIENTS: Final = 32


@dataclass(frozen=True, slots=True)
class Accepted:
    """An order that was taken. `due` is when it should have been sent; both in Unix seconds."""

    order_id: str
    due: float
    at: float

    @property
    def waited(self) -> float:
        """Seconds its channel waited, from the moment it was due: a late start is not hidden."""
        return self.at - self.due


class Load:
    """Orders of the phone, the catalogue's simplest offering, each with an Idempotency-Key."""

    def __init__(self, client: HttpClient, customer_ids: Sequence[str]) -> None:
        self._client = client
        self._customer_ids = customer_ids
        self._placed = 0

    async def at_rate(self, per_second: float, *, orders: int, window: Window) -> list[Accepted]:
        """Open loop: orders are sent when they are due, however the others fare."""
        begun = time.time()
        async with asyncio.TaskGroup() as group:
            tasks = []
            for n in range(orders):
                due = begun + n / per_second
                await asyncio.sleep(max(0.0, due - time.time()))
                await window.enter()
                tasks.append(group.create_task(self._place(window, due)))
        return [task.result() for task in tasks]

    async def saturating(self, *, orders: int, seconds: float, window: Window) -> list[Accepted]:
        """Closed loop: as many as the window lets in, by 32 clients at once.

        Fewer than `orders` on a machine that does not get through them in `seconds`.
        """
        numbers = iter(range(orders))
        deadline = time.monotonic() + seconds
        accepted: list[Accepted] = []

        async def client() -> None:
            for _ in numbers:
                if time.monotonic() > deadline:
                    break
                await window.enter()
                accepted.append(await self._place(window, time.time()))

        async with window.following(), asyncio.TaskGroup() as group:
            for _ in range(CLIENTS):
                group.create_task(client())
        return accepted

    async def _place(self, window: Window, due: float) -> Accepted:
        self._placed += 1
        customer_id = self._customer_ids[self._placed % len(self._customer_ids)]
        answer = await self._client.post(
            ORDER_PATH, order_body(customer_id), idempotency_key=str(uuid.uuid4())
        )
        accepted = Accepted(_id_of(answer.status, answer.body), due, time.time())
        window.entered(accepted.order_id)
        return accepted


async def post_customers(client: HttpClient, count: int) -> list[str]:
    """Make that many customers; their ids."""
    run = uuid.uuid4().hex[:8]
    ids = [f"bench-{run}-{n}" for n in range(count)]
    waiting = iter(ids)

    async def poster() -> None:
        for customer_id in waiting:
            body = {"id": customer_id, "name": customer_id, "engagedParty": {"id": customer_id}}
            answer = await client.post(
                CUSTOMER_PATH, json.dumps(body).encode(), idempotency_key=customer_id
            )
            _id_of(answer.status, answer.body)

    async with asyncio.TaskGroup() as group:
        for _ in range(CLIENTS):
            group.create_task(poster())
    return ids


def order_body(customer_id: str) -> bytes:
    """A TMF622 order of one phone."""
    body: dict[str, Any] = {
        "category": "residential",
        "relatedParty": [
            {"id": customer_id, "role": "customer", "@referredType": "Customer"},
        ],
        "productOrderItem": [
            {"id": "1", "action": "add", "quantity": 1, "productOffering": {"id": "phone"}}
        ],
    }
    return json.dumps(body).encode()


def _id_of(status: int, body: bytes) -> str:
    if status != 201:
        raise BenchFailed(f"{status} instead of 201: {body[:500]!r}")
    created = from_json(body)
    if created.get("state", "acknowledged") == "rejected":
        raise BenchFailed(f"The order was rejected: {body[-500:]!r}")
    return str(created["id"])
