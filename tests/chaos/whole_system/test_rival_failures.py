"""What the strongest open rival was run with and failed at, under 100 orders a second."""

import asyncio
import itertools
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from dualbus_events.catalogue import TOPICS

from tests.chaos.whole_system.order_mix import Planned, Taken, send
from tests.chaos.whole_system.scale import RIVAL_RATE
from tests.chaos.whole_system.world import World, WorldOn
from tests.e2e.channel import Body, an_order, item, party, product_ids
from tests.e2e.item_changes import ItemChange, change_both, place_changeable
from tests.e2e.poison import POISONED_KEYS, parked, poison_every_topic
from tests.e2e.running_system import SERVICE_NAMES, RunningSystem, eventually

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(3_000)]

_DEAD_SECONDS = 15
_FLOW_SECONDS = 15
_LATE = ("billing", "ods")
_CHANGED_TWICE = 30
_CANCELLED = 20
_CEASED = 20


@pytest.fixture(scope="module")
def whole(state: Path) -> Iterator[RunningSystem]:
    """Everything but billing and the ODS, which start after the first test's orders."""
    system = RunningSystem(state)
    first = [name for name in SERVICE_NAMES if name not in _LATE]
    try:
        system.dualbus("start", "network_element", "vas_platform", *first)
        system.dualbus("catalogue", "load")
        yield system
    finally:
        system.dualbus("stop")


@pytest.fixture
async def early_world(whole: RunningSystem, world_on: WorldOn) -> AsyncIterator[World]:
    """Before anything else: billing and the ODS have never been started."""
    async with world_on(whole) as world:
        yield world


@pytest.fixture
async def world(whole: RunningSystem, world_on: WorldOn) -> AsyncIterator[World]:
    await whole.start()
    async with world_on(whole) as world:
        yield world


@pytest.mark.case(
    fails="two consumers, billing and the ODS, have never been started when orders are taken",
    promised="the orders are worked on as far as they go, and end when the two start",
)
async def test_orders_taken_before_a_consumer_ever_started(early_world: World) -> None:
    async with early_world.orders_flowing(RIVAL_RATE) as taken:
        await asyncio.sleep(_FLOW_SECONDS)

    await early_world.system.start()

    await early_world.judge(*taken)


@pytest.mark.case(
    fails="order-svc is killed with kill -9 and stays away for 15 s",
    promised="no order is stuck (theirs: 509), none is doubled",
)
async def test_order_svc_killed_for_15_s(world: World) -> None:
    async with world.orders_flowing(RIVAL_RATE) as taken:
        await asyncio.sleep(2)
        world.system.kill("order")
        await asyncio.sleep(_DEAD_SECONDS)
        await world.system.start()

    await world.judge(*taken)


@pytest.mark.case(
    fails="a second instance of every service runs beside the first",
    promised="nothing is doubled; no event is told twice, nor a record repeated (theirs: 27-40 %)",
)
async def test_a_second_instance_of_every_service(world: World) -> None:
    await asyncio.to_thread(world.system.dualbus, "start", "--replicas", "2")
    try:
        async with world.orders_flowing(RIVAL_RATE) as taken:
            await asyncio.sleep(_FLOW_SECONDS)
        verdict = await world.judge(*taken)
    finally:
        await asyncio.to_thread(world.system.dualbus, "start", "--replicas", "1")

    # None, as long as Kafka itself is well: it may disown a batch that it took when it has no time.
    assert verdict.records_again < verdict.orders // 10


@pytest.mark.case(
    fails="two items of one order are changed by two channels at once, thirty times",
    promised="each change is kept, or refused with 409 (theirs: 25 of 30 lost, both answered 200)",
)
async def test_two_changes_of_two_items_at_once(world: World) -> None:
    [customer] = await world.own_customers(1)
    order = await place_changeable(world.channel, customer)
    changes: list[ItemChange] = []

    async with world.orders_flowing(RIVAL_RATE) as taken:
        for turn in range(_CHANGED_TWICE):
            changes += await change_both(world.channel, order["id"], note=f"{turn}")

    statuses = Counter(change.status for change in changes)
    world.seen |= {f"answered {status}": times for status, times in sorted(statuses.items())}
    assert [change for change in changes if not change.honest] == []
    await world.judge(*taken)


@pytest.mark.case(
    fails="one order has 200 items",
    promised="it is taken and completes (theirs: 500 at 15 items); the others don't wait for it",
)
async def test_an_order_of_200_items(world: World) -> None:
    [customer] = await world.own_customers(1)
    items = [item("phone", str(number)) for number in range(200)]

    async with world.orders_flowing(RIVAL_RATE) as taken:
        large = await world.channel.place(an_order(customer, productOrderItem=items))
        await asyncio.sleep(_FLOW_SECONDS)

    await world.judge(*taken, Taken(large))


@pytest.mark.case(
    fails="orders are cancelled while their numbers, ports and services are being set up",
    promised="all is given back, nothing is active or billed; what was too late goes on whole",
)
async def test_cancelling_gives_number_port_and_service_back(world: World) -> None:
    slow = itertools.cycle(world.customers.by_kind["cancelled"])
    to_cancel = [
        Planned("cancelled", an_order(next(slow), "phone", "fibre", "mobile-ringback"))
        for _ in range(_CANCELLED)
    ]

    async with world.orders_flowing(RIVAL_RATE) as taken:
        cancelled = await send(world.channel, to_cancel, per_second=2)

    in_time = [one for one in cancelled if one.end == "cancelled"]
    world.seen |= {"cancelled in flight": len(in_time)}
    assert in_time
    await world.judge(*taken, *cancelled)


@pytest.mark.case(
    fails="a broken body, one of 1.5 MB and undecodable headers come on every topic",
    promised="their keys are set aside and shown, nobody else waits",
)
async def test_poison_on_every_topic(world: World) -> None:
    async with world.orders_flowing(RIVAL_RATE) as taken:
        await poison_every_topic(world.system.stack.bootstrap)
        await asyncio.sleep(_FLOW_SECONDS)

    async def by_ods() -> object:
        """The ODS reads every topic, so it sets each key aside once."""
        listed = await parked(world.system)
        return {(one["topic"], one["key"]) for one in listed if one["service"] == "ods"}

    expected = {(topic.name, key) for topic in TOPICS for key in POISONED_KEYS}
    await eventually(by_ods, expected, seconds=120)
    world.seen |= {"keys set aside by the ODS": len(expected)}
    for key in POISONED_KEYS:
        world.system.dualbus("bus", "parked", "skip", key, "--yes")
    await world.judge(*taken)


@pytest.mark.case(
    fails="orders name their sales agent before their customer",
    promised="the customer is the party in the role customer: the agent gets nothing, no bill",
)
async def test_the_customer_is_the_party_in_that_role(world: World) -> None:
    agent, *customers = await world.own_customers(11)
    orders = [
        an_order(one, "phone", relatedParty=[party(agent, "salesAgent"), party(one)])
        for one in customers
    ]

    async with world.orders_flowing(RIVAL_RATE) as taken:
        sold = [Taken(await world.channel.place(order)) for order in orders]
        await asyncio.sleep(_FLOW_SECONDS)

    # The bills that are judged are those of the agent too: none is expected.
    await world.judge(*taken, *sold)
    view = await world.channel.view(agent)
    parts = ("productOrder", "productValue", "service", "resource", "account")
    assert [part for part in parts if view.get(part)] == []


@pytest.mark.case(
    fails="of two products of one offering and customer one is ceased, while others order",
    promised="that one is out of the network and unbilled, the other untouched",
)
async def test_ceasing_one_product_touches_no_other(world: World) -> None:
    customers = await world.own_customers(_CEASED)

    async with world.orders_flowing(RIVAL_RATE) as taken:
        pairs = [
            [await world.channel.place(an_order(one, "phone")) for _ in range(2)]
            for one in customers
        ]
        for order in itertools.chain.from_iterable(pairs):
            await world.channel.until_state(order["id"], "completed", seconds=300)
        ends = [
            await world.channel.place(an_order(customer, productOrderItem=[_end_of(ended)]))
            for customer, (ended, _) in zip(customers, pairs, strict=True)
        ]

    ceased = [Taken(ended, ceased=True) for ended, _ in pairs]
    kept = [Taken(other) for _, other in pairs]
    world.seen |= {"products ceased": len(ceased), "products kept": len(kept)}
    await world.judge(*taken, *ceased, *kept, *(Taken(end, ceased=True) for end in ends))


def _end_of(order: Body) -> Body:
    [product] = product_ids(order)
    return {"id": "1", "action": "delete", "quantity": 1, "product": {"id": product}}
