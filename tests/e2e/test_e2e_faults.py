"""Processes that are killed, servers that go away: every order taken ends, once."""

import asyncio

import pytest

from tests.e2e.channel import Channel, an_order
from tests.e2e.event_log import read_log
from tests.e2e.ledger import Ledger
from tests.e2e.order_driver import drive
from tests.e2e.running_system import SERVICE_NAMES, RunningSystem

pytestmark = [pytest.mark.stack, pytest.mark.timeout(600)]

_ENDS_WITHIN = 150
_NO_KAFKA_SECONDS = 30


@pytest.mark.parametrize(
    ("dead_seconds", "per_second"),
    [
        pytest.param(5, 40, id="5 s, 40 orders a second"),
        pytest.param(15, 80, id="15 s, 80 orders a second", marks=pytest.mark.chaos),
    ],
)
async def test_order_svc_killed_under_load_leaves_no_order_stuck_or_doubled(
    system: RunningSystem, channel: Channel, ledger: Ledger, dead_seconds: int, per_second: int
) -> None:
    customers = await channel.customers(40)
    driven = asyncio.create_task(
        drive(
            channel,
            lambda number: an_order(customers[number % 40], "phone"),
            per_second=per_second,
            count=per_second * (dead_seconds + 2),
        )
    )
    await asyncio.sleep(2)
    system.kill("order")
    await asyncio.sleep(dead_seconds)

    await system.start()

    orders = await driven
    await ledger.until_ended(orders, seconds=_ENDS_WITHIN)
    assert await ledger.findings(orders) == []
    log = await read_log(system.stack.bootstrap, about=[order["id"] for order in orders])
    assert log.told_differently() == []
    assert log.missing() == []


@pytest.mark.chaos
async def test_every_service_killed_in_turn_and_started_again_loses_no_order(
    system: RunningSystem, channel: Channel, ledger: Ledger
) -> None:
    customers = await channel.customers(10)
    driven = asyncio.create_task(
        drive(
            channel,
            lambda number: an_order(customers[number % 10], "mobile-ringback", "leased-line-gold"),
            per_second=5,
            count=150,
        )
    )

    for program in SERVICE_NAMES:
        await asyncio.sleep(1)
        system.kill(program)
        await system.start()

    orders = await driven
    await ledger.until_ended(orders, seconds=_ENDS_WITHIN)
    assert await ledger.findings(orders) == []


async def test_orders_are_taken_without_kafka_and_all_end_after_it_is_back(
    system: RunningSystem, channel: Channel, ledger: Ledger
) -> None:
    customers = await channel.customers(10)
    await system.stop("kafka")
    without = asyncio.create_task(
        drive(
            channel,
            lambda number: an_order(customers[number % 10], "fibre"),
            per_second=10,
            count=10 * (_NO_KAFKA_SECONDS - 5),
        )
    )
    await asyncio.sleep(_NO_KAFKA_SECONDS)
    taken_without_kafka = without.done()

    await system.start()

    orders = await without
    assert taken_without_kafka
    await ledger.until_ended(orders, seconds=_ENDS_WITHIN)
    assert await ledger.findings(orders) == []


@pytest.mark.chaos
async def test_postgresql_restarted_under_load_loses_no_order(
    system: RunningSystem, channel: Channel, ledger: Ledger
) -> None:
    customers = await channel.customers(10)
    driven = asyncio.create_task(
        drive(
            channel,
            lambda number: an_order(customers[number % 10], "phone"),
            per_second=20,
            count=160,
        )
    )
    await asyncio.sleep(2)

    await system.stop("postgres")
    await system.start()

    orders = await driven
    await ledger.until_ended(orders, seconds=_ENDS_WITHIN)
    assert await ledger.findings(orders) == []
