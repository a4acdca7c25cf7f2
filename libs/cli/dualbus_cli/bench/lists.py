"""Lists of many product orders over HTTP, each request with a value of its own, and GET by id."""

import asyncio
import time
from collections.abc import Callable, Iterable
from contextlib import AsyncExitStack, closing
from datetime import timedelta
from typing import Final
from urllib.parse import urlencode

import asyncpg
from dualbus_kit.clock import timestamp
from dualbus_kit.database import open_pool

from dualbus_cli.bench.errors import BenchFailed
from dualbus_cli.bench.http_client import HttpClient
from dualbus_cli.bench.load import ORDER_PATH, order_body, post_customers
from dualbus_cli.bench.percentiles import milliseconds
from dualbus_cli.bench.report import Figures
from dualbus_cli.bench.stored_orders import StoredOrders, store
from dualbus_cli.progress import Board
from dualbus_cli.stack import Stack

_REQUESTS: Final = 1_000
_PAGE: Final = 20
_ORIGINALS: Final = 20
_COMPLETION_SECONDS: Final = 60.0
_COMPLETED: Final = "SELECT body FROM product_order WHERE state = 'completed' ORDER BY id LIMIT $1"
_STATES: Final = ("completed", "cancelled", "failed", "inProgress", "held", "inProgress,held")
# What a list answers that was stopped by its time-out.
_TOO_SLOW: Final = 503
# Neighbouring requests are far apart in the table; a prime, so that none comes twice.
_STRIDE: Final = 611_953

Query = dict[str, str]


async def measure_lists(stack: Stack, *, orders: int, board: Board) -> Figures:
    """p50 and p99 in milliseconds of each kind of list, one request after the other.

    order-svc's table is empty afterwards: use a system of the bench's own. Raises BenchFailed.
    """
    async with AsyncExitStack() as closing_all:
        pool = await open_pool(stack.database_url("order"), size=2, application_name="bench")
        closing_all.push_async_callback(pool.close)
        client = closing_all.enter_context(closing(HttpClient(stack.url("order"))))
        with board.step(f"{orders:,} product orders") as step:

            def seen(stored: int) -> None:
                step.note = f"{stored:,} stored"

            stored = StoredOrders(await _originals(stack, client, pool), orders)
            await store(pool, stored, seen)
        figures: Figures = {"lists.orders": orders}
        for kind, query_of in _kinds(stored).items():
            with board.step(f"Lists by {kind}") as step:
                took = await _ask(client, _lists(query_of, orders))
                figures |= _figures(f"lists.{kind}", took)
                step.note = _note(took)
        with board.step("GET by id") as step:
            took = await _ask(client, (f"{ORDER_PATH}/{stored.id_of(n)}" for n in _numbers(orders)))
            figures |= _figures("lists.by_id", took)
            step.note = _note(took)
        await pool.execute("TRUNCATE product_order")
    return figures


def _kinds(stored: StoredOrders) -> dict[str, Callable[[int], Query]]:
    """What each kind of list asks, given the number of an order that it must find."""
    characteristic = "productOrderItem.product.productCharacteristic.value"
    week = timedelta(days=7)
    return {
        "customer": lambda n: {"relatedParty.id": stored.customer_of(n)},
        "state": lambda n: {"state": _STATES[n % len(_STATES)]},
        "date": lambda n: {
            "orderDate.gte": timestamp(stored.date_of(n)),
            "orderDate.lt": timestamp(stored.date_of(n) + week),
        },
        "characteristic_of_one": lambda n: {characteristic: stored.serial_of(n)},
        "characteristic_of_1000": lambda n: {characteristic: stored.batch_of(n)},
        "characteristic_of_third": lambda n: {characteristic: stored.speed_of(n)},
    }


def _lists(query_of: Callable[[int], Query], orders: int) -> Iterable[str]:
    """Newest and oldest first in turn: no order may be a slow one."""
    for turn, number in enumerate(_numbers(orders)):
        sort = "-orderDate" if turn % 2 else "orderDate"
        query = query_of(number) | {"sort": sort, "limit": str(_PAGE)}
        yield f"{ORDER_PATH}?{urlencode(query)}"


def _numbers(orders: int) -> Iterable[int]:
    return (turn * _STRIDE % orders for turn in range(min(_REQUESTS, orders)))


async def _ask(client: HttpClient, paths: Iterable[str]) -> list[float]:
    """Seconds of each. Raises BenchFailed for an answer that is none; a slow one is a figure."""
    took = []
    for path in paths:
        begun = time.perf_counter()
        answer = await client.get(path)
        took.append(time.perf_counter() - begun)
        if answer.status == _TOO_SLOW:
            continue
        total = answer.header("x-total-count")
        if answer.status not in (200, 206) or total == "0" or len(answer.body) < len("[{}]"):
            raise BenchFailed(f"{path}: {answer.status}, {total} in all: {answer.body[:200]!r}")
    return took


def _figures(name: str, took: list[float]) -> Figures:
    return {f"{name}_p{percent}_ms": milliseconds(took, percent) for percent in (50, 99)}


def _note(took: list[float]) -> str:
    return f"{milliseconds(took, 50)} ms (p50), {milliseconds(took, 99)} ms (p99)"


async def _originals(stack: Stack, client: HttpClient, pool: asyncpg.Pool) -> list[bytes]:
    """Bodies of orders that went through the system. Raises BenchFailed when they don't."""
    with closing(HttpClient(stack.url("customer"))) as customers:
        ids = await post_customers(customers, _ORIGINALS)
    for customer_id in ids:
        answer = await client.post(ORDER_PATH, order_body(customer_id), idempotency_key=customer_id)
        if answer.status != 201:
            raise BenchFailed(f"{answer.status} instead of 201: {answer.body[:500]!r}")
    deadline = time.monotonic() + _COMPLETION_SECONDS
    while time.monotonic() < deadline:
        rows = await pool.fetch(_COMPLETED, _ORIGINALS)
        if len(rows) == _ORIGINALS:
            return [row["body"] for row in rows]
        await asyncio.sleep(0.2)
    raise BenchFailed(f"{_ORIGINALS - len(rows)} orders were not complete in time")
