"""One run of the bench: the system first, then the floor alone on the same servers."""

from contextlib import closing
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import asyncpg
import uvloop
from dualbus_kit.service import collect_garbage_less_often

from dualbus_cli.bench.bus.run import run_backlog, run_bus
from dualbus_cli.bench.environment_facts import environment_facts
from dualbus_cli.bench.facts import FACT_RATES, fact_writer, measure_facts
from dualbus_cli.bench.fanout import FanOut
from dualbus_cli.bench.floor.run import run_floor
from dualbus_cli.bench.flow import Flow, flow_through
from dualbus_cli.bench.http_client import HttpClient
from dualbus_cli.bench.lists import measure_lists
from dualbus_cli.bench.ods_rebuild import measure_rebuild
from dualbus_cli.bench.own_system import Measured
from dualbus_cli.bench.report import (
    Figures,
    floor_figures,
    message_figures,
    rate_figures,
    saturated_figures,
)
from dualbus_cli.bench.resources import Groups
from dualbus_cli.bench.traffic import traffic_of
from dualbus_cli.bench.views import measure_views
from dualbus_cli.progress import Board
from dualbus_cli.stack import Stack

RATES: Final = (50.0, 100.0)
_COUNTED_ORDERS: Final = 50
# A slow machine stops placing then, so that the whole run ends within minutes.
_SATURATED_SECONDS: Final = 40.0
_GROWTH_SECONDS: Final = 400.0
_BACKLOG_EVENTS: Final = 1_000_000
_REBUILD_EVENTS: Final = 1_000_000


class Part(StrEnum):
    """What can be measured alone."""

    RATES = "rates"
    SATURATED = "saturated"
    FLOOR = "floor"
    FACTS = "facts"
    VIEWS = "views"
    BUS = "bus"
    GROWTH = "growth"
    REBUILD = "rebuild"
    LISTS = "lists"


_WITH_ORDERS: Final = frozenset(Part) - {Part.BUS, Part.REBUILD, Part.LISTS}


@dataclass(frozen=True, slots=True)
class Wanted:
    """How much to measure: `seconds` at each rate, `orders` saturated, `in_flight` open at most,
    `events` through each part of the bus, lists of `stored_orders`.
    """

    parts: frozenset[Part]
    seconds: float
    orders: int
    in_flight: int
    customers: int
    events: int
    stored_orders: int


def run_bench(system: Measured, wanted: Wanted, *, board: Board) -> Figures:
    """All figures, flat. Raises BenchFailed when orders are refused, lost or stuck."""
    # Looking through thousands of requests under way, the load would stand still for 50 ms.
    collect_garbage_less_often()
    stack = system.stack
    figures = uvloop.run(environment_facts(stack.dsn))
    figures |= {
        "environment.in_flight": wanted.in_flight,
        "environment.customers": wanted.customers,
    }
    if wanted.parts & _WITH_ORDERS:
        fan_out, measured = uvloop.run(_run_system(stack, wanted, system.groups(), board))
        figures |= message_figures(fan_out) | measured
    if Part.REBUILD in wanted.parts:
        with board.step(f"Rebuild of the ODS from {_REBUILD_EVENTS:,} events") as step:
            rebuilt = uvloop.run(measure_rebuild(stack, events=_REBUILD_EVENTS))
            figures |= {
                "rebuild.events": rebuilt.events,
                "rebuild.per_s": round(rebuilt.per_s),
                "rebuild.seconds": round(rebuilt.seconds, 1),
            }
            step.note = f"{rebuilt.per_s:,.0f} events/s"
    if Part.LISTS in wanted.parts:
        figures |= uvloop.run(measure_lists(stack, orders=wanted.stored_orders, board=board))
    if Part.FLOOR in wanted.parts:
        system.leave_servers_alone()
        with board.step("Floor") as step:
            floor = uvloop.run(
                run_floor(
                    system.stack,
                    fan_out,
                    orders=wanted.orders,
                    in_flight=wanted.in_flight,
                    seconds=_SATURATED_SECONDS,
                    servers=system.servers,
                )
            )
            step.note = f"{floor.per_s:.0f} orders/s"
        per_s = measured.get("order_flow.per_s")
        figures |= floor_figures(floor, None if per_s is None else float(per_s))
    if Part.BUS in wanted.parts:
        figures |= uvloop.run(
            run_bus(stack.dsn, stack.bootstrap, events=wanted.events, board=board)
        )
    if Part.GROWTH in wanted.parts:
        figures |= uvloop.run(
            run_backlog(stack.dsn, stack.bootstrap, events=_BACKLOG_EVENTS, board=board)
        )
    return figures


async def _run_system(
    stack: Stack, wanted: Wanted, groups: Groups, board: Board
) -> tuple[FanOut, Figures]:
    async with (
        flow_through(stack, customers=wanted.customers) as flow,
        traffic_of(stack.bootstrap) as traffic,
    ):
        with board.step("Warm-up") as step:
            await flow.warm_up(wanted.customers)
            fan_out = await flow.count_messages(traffic, orders=_COUNTED_ORDERS)
            step.note = f"{fan_out.total} messages per order, {fan_out.deliveries} deliveries"
        figures: Figures = {}
        if Part.RATES in wanted.parts:
            figures |= await _run_rates(flow, wanted, board)
        if Part.SATURATED in wanted.parts:
            with board.step("Saturated") as step:
                saturated = await flow.saturated(
                    wanted.orders,
                    in_flight=wanted.in_flight,
                    seconds=_SATURATED_SECONDS,
                    groups=groups,
                )
                figures |= saturated_figures(saturated)
                step.note = f"{saturated.per_s:.0f} orders/s"
        if Part.FACTS in wanted.parts:
            figures |= await _run_facts(stack, wanted, board)
        if Part.VIEWS in wanted.parts:
            figures |= await _run_views(stack, wanted, board)
        if Part.GROWTH in wanted.parts:
            figures |= await _run_growth(stack, flow, wanted, board)
        return fan_out, figures


async def _run_growth(stack: Stack, flow: Flow, wanted: Wanted, board: Board) -> Figures:
    """The order flow once more, with ten times the orders stored."""
    connection = await asyncpg.connect(stack.database_url("order"))
    try:
        stored = await connection.fetchval("SELECT count(*) FROM product_order")
    finally:
        await connection.close()
    with board.step("Ten times the orders") as step:
        more = await flow.saturated(
            9 * stored, in_flight=wanted.in_flight, seconds=_GROWTH_SECONDS, groups={}
        )
        step.note = f"{stored + more.orders:,} stored"
    with board.step("50 orders/s, with these") as step:
        measured = rate_figures(await flow.at_rate(RATES[0], seconds=wanted.seconds))
        step.note = f"complete after {measured['order_flow.p50_ms@50']} ms (p50)"
    with board.step("Saturated, with these") as step:
        again = await flow.saturated(
            wanted.orders, in_flight=wanted.in_flight, seconds=_SATURATED_SECONDS, groups={}
        )
        step.note = f"{again.per_s:.0f} orders/s"
    return {
        "growth.stored_orders": stored + more.orders,
        "growth.per_s": round(again.per_s, 1),
        "growth.p50_ms@50": measured["order_flow.p50_ms@50"],
        "growth.p99_ms@50": measured["order_flow.p99_ms@50"],
    }


async def _run_facts(stack: Stack, wanted: Wanted, board: Board) -> Figures:
    """What the ODS does first: facts applied."""
    figures: Figures = {}
    async with fact_writer(stack) as writer:
        for rate in FACT_RATES:
            with board.step(f"{rate:.0f} facts/s") as step:
                measured = await measure_facts(writer, rate, seconds=wanted.seconds)
                figures |= measured
                step.note = "applied after {} ms (p50), {} ms (p99)".format(*measured.values())
    return figures


async def _run_views(stack: Stack, wanted: Wanted, board: Board) -> Figures:
    """Views of new customers with one order each: those of the order flow have far too many."""
    with board.step("Views") as step, closing(HttpClient(stack.url("ods"))) as client:
        async with (
            flow_through(stack, customers=wanted.customers) as flow,
            fact_writer(stack) as writer,
        ):
            await flow.warm_up(wanted.customers)
            figures = await measure_views(client, flow.customer_ids, writer, seconds=wanted.seconds)
        step.note = "{:,} bytes read in {} ms (p50), {} ms (p99)".format(*figures.values())
    return figures


async def _run_rates(flow: Flow, wanted: Wanted, board: Board) -> Figures:
    figures: Figures = {}
    for rate in RATES:
        with board.step(f"{rate:.0f} orders/s") as step:
            measured = rate_figures(await flow.at_rate(rate, seconds=wanted.seconds))
            figures |= measured
            p50, p99 = (measured[f"order_flow.p{n}_ms@{rate:.0f}"] for n in (50, 99))
            step.note = f"complete after {p50} ms (p50), {p99} ms (p99)"
    return figures
