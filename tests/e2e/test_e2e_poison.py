"""Messages that can't be handled park their key; everybody else goes on."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from dualbus_events.catalogue import TOPICS

from tests.e2e.channel import Channel, an_order
from tests.e2e.ledger import Ledger
from tests.e2e.poison import POISONED_KEYS, parked, poison_every_topic
from tests.e2e.running_system import RunningSystem, eventually

pytestmark = [pytest.mark.stack, pytest.mark.timeout(600)]


async def test_a_broken_or_huge_message_on_any_topic_stops_nobody_else(
    system: RunningSystem, channel: Channel, ledger: Ledger
) -> None:
    await poison_every_topic(system.stack.bootstrap)

    order = await channel.complete(an_order(await channel.customer(), "mobile-ringback"))

    await ledger.until_ended([order], seconds=60)
    assert await ledger.findings([order]) == []
    # The ODS reads every topic, so it parks each of them once.
    expected = {(topic.name, key) for topic in TOPICS for key in POISONED_KEYS}

    async def by_ods() -> object:
        return {(o["topic"], o["key"]) for o in await parked(system) if o["service"] == "ods"}

    await eventually(by_ods, expected)
    for key in POISONED_KEYS:
        system.dualbus("bus", "parked", "skip", key, "--yes")
    assert await parked(system) == []


async def test_what_a_participant_cannot_handle_is_parked_and_done_in_order_once_released(
    system: RunningSystem, channel: Channel, ledger: Ledger
) -> None:
    unlucky, others = await channel.customer(), await channel.customers(3)
    async with a_fault_in_billing(system, unlucky):
        stuck = await channel.place(an_order(unlucky, "phone", "streaming-tv", "fibre"))
        fine = [await channel.place(an_order(other, "phone")) for other in others]
        await ledger.until_ended(fine, seconds=60)

        async def keys() -> object:
            return [one["key"] for one in await parked(system)]

        await eventually(keys, [stuck["id"]])
        assert (await channel.order(stuck["id"]))["state"] == "inProgress"

    system.dualbus("bus", "parked", "retry")

    assert await parked(system) == []
    await ledger.until_ended([stuck], seconds=60)
    assert await ledger.findings([stuck, *fine]) == []


@asynccontextmanager
async def a_fault_in_billing(system: RunningSystem, customer: str) -> AsyncIterator[None]:
    """Until the block ends, billing's database refuses every charge of one customer."""
    await system.rows(
        "billing",
        "CREATE FUNCTION refuse_charge() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'no charge for this customer'; END $$",
    )
    await system.rows(
        "billing",
        "CREATE TRIGGER refuse BEFORE INSERT ON charge FOR EACH ROW "
        f"WHEN (NEW.customer_id = '{customer}') EXECUTE FUNCTION refuse_charge()",
    )
    try:
        yield
    finally:
        await system.rows("billing", "DROP FUNCTION refuse_charge CASCADE")
