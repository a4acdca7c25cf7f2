"""The ODS of the whole system is what its owners have, and still is after it was built anew."""

import asyncio

import pytest

from tests.e2e.channel import Channel, an_order
from tests.e2e.ledger import Ledger
from tests.e2e.running_system import RunningSystem

pytestmark = [pytest.mark.stack, pytest.mark.chaos, pytest.mark.timeout(300)]


async def test_ods_equals_its_owners_before_and_after_a_rebuild(
    system: RunningSystem, channel: Channel, ledger: Ledger
) -> None:
    order = await channel.complete(an_order(await channel.customer(), "mobile-ringback"))
    await ledger.until_ended([order], seconds=60)

    before = await asyncio.to_thread(system.dualbus_json, "ods", "verify", "--wait", "60")
    rebuilt = await asyncio.to_thread(system.dualbus_json, "ods", "rebuild")
    after = await asyncio.to_thread(system.dualbus_json, "ods", "verify", "--wait", "60")

    documents = {one["topic"]: one["documents"] for one in after["topic"]}
    assert (before["equal"], before["differences"]) == (True, [])
    assert (after["equal"], after["differences"]) == (True, [])
    assert rebuilt["phase"] == "done"
    assert documents["order.product-order.v1"] >= 1
    assert documents["provisioning.resource.v1"] >= 1
