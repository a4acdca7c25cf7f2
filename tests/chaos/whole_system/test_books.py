"""The books must find what is wrong: a small system that somebody tampers with."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer

from tests.chaos.whole_system.order_mix import Taken
from tests.chaos.whole_system.world import World, WorldOn
from tests.e2e.channel import Body, an_order, product_ids
from tests.e2e.running_system import RunningSystem

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(3_000)]

_OFFERINGS = ("phone", "fibre")


@pytest.fixture(scope="module")
def small(state: Path) -> Iterator[RunningSystem]:
    system = RunningSystem(state)
    try:
        system.dualbus("start")
        system.dualbus("catalogue", "load")
        yield system
    finally:
        system.dualbus("stop")


@pytest.mark.case(
    fails="somebody tampers with the databases and the log (a control: the check must see it)",
    promised="everything lost and doubled is found, and what was left alone is not",
)
async def test_the_books_see_what_is_lost_and_doubled(
    small: RunningSystem, world_on: WorldOn
) -> None:
    async with world_on(small) as world:
        customers = await world.own_customers(6)
        orders = [await world.channel.place(an_order(one, *_OFFERINGS)) for one in customers]
        taken = [Taken(order) for order in orders]
        await world.judge(*taken)

        await _tamper(world, orders)

        verdict = await world.close_the_books(
            *taken[:-1], Taken(orders[-1], end="cancelled"), ends_within=1
        )
    seen = {f"{one.what}: lost": one.lost for one in verdict.comparisons if one.lost}
    seen |= {f"{one.what}: doubled": one.doubled for one in verdict.comparisons if one.doubled}
    world.seen |= {"found": len(verdict.findings())}
    assert list(verdict.stuck) == [orders[-1]["id"]]
    assert seen == {
        # The product's fact that the ODS lost.
        "product in the ODS: lost": 1,
        "resource in the ODS: lost": 1,
        # The charge that billing lost, while its event and its fact remain.
        "charge: lost": 1,
        "resource in the ODS: doubled": 1,
        # The number that was given to nobody.
        "resources: lost": 1,
        "number held without a service: doubled": 1,
        # The event that was told again, which the ODS could not read, and that of the charge.
        "event: doubled": 2,
        "parked key: doubled": 1,
        # The two items of the order that should have been cancelled.
        "product: doubled": 2,
        "service: doubled": 2,
        "resources: doubled": 2,
        "in the network: doubled": 2,
        "charge: doubled": 2,
        "product in the ODS: doubled": 2,
        "service in the ODS: doubled": 2,
        "charge in the ODS: doubled": 2,
        "bill: doubled": 1,
        "cent billed: doubled": 7_000,
    }


async def _tamper(world: World, orders: Sequence[Body]) -> None:
    """One wrong thing for each of the first four orders."""
    lost, charged, numbered = (product_ids(order)[0] for order in orders[:3])
    rows = world.system.rows
    await rows("ods", "DELETE FROM fact WHERE resource = 'product' AND id = $1", lost)
    await rows("billing", "DELETE FROM charge WHERE product_id = $1", charged)
    await rows(
        "provisioning",
        "UPDATE resource SET service_id = 'nobody' "
        "WHERE service_id IN (SELECT id FROM service WHERE product_id = $1)",
        numbered,
    )
    await _tell_again(world.system.stack.bootstrap, orders[3]["id"])


async def _tell_again(bootstrap: str, order_id: str) -> None:
    """Another event for the first version of an order."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap)
    await producer.start()
    try:
        headers = {"ce_id": b"another", "ce_type": b"ProductOrderCreateEvent", "ce_sequence": b"1"}
        await producer.send_and_wait(
            "order.product-order.v1", b"{}", key=order_id.encode(), headers=list(headers.items())
        )
    finally:
        await producer.stop()
