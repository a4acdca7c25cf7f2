"""Orders that don't go through: cancelled in flight, or stuck until a person acts."""

import pytest

from tests.e2e.channel import CANCEL_PATH, Body, Channel, an_order, product_ids
from tests.e2e.ledger import Ledger
from tests.e2e.running_system import RunningSystem, eventually

pytestmark = [pytest.mark.stack, pytest.mark.timeout(600)]

_POOLS = """
SELECT specification_id, count(*) FILTER (WHERE resource_status = 'reserved') AS reserved
FROM resource GROUP BY 1 ORDER BY 1
"""
_SERVICES = "SELECT count(*) FROM service WHERE state <> 'terminated' AND product_id = ANY($1)"


async def pools(system: RunningSystem) -> dict[str, int]:
    """How many values of each pool services hold; pools that none is held of are left out."""
    rows = await system.rows("provisioning", _POOLS)
    return {row["specification_id"]: row["reserved"] for row in rows if row["reserved"]}


async def active_for(channel: Channel, customer: str) -> list[Body]:
    active = await channel.active_in_network()
    return [one for one in active if one["customerId"] == customer]


async def test_cancelling_in_flight_gives_number_port_and_service_back(
    system: RunningSystem, channel: Channel, ledger: Ledger
) -> None:
    customer = await channel.customer()
    before = await pools(system)
    slow = {"match": {"customerId": customer, "op": "activate"}, "latencyMs": 5_000}
    await channel.network(slow)
    order = await channel.place(an_order(customer, "phone", "fibre"))

    async def held() -> object:
        return sum((await pools(system)).values())

    await eventually(held, sum(before.values()) + 2)

    answer = await channel.client.post(
        channel.url("order", CANCEL_PATH), json={"productOrder": {"id": order["id"]}}
    )

    assert answer.status_code == 201, answer.text
    await channel.until_state(order["id"], "cancelled")
    assert await pools(system) == before
    assert await active_for(channel, customer) == []
    assert await system.value("provisioning", _SERVICES, product_ids(order)) == 0
    await ledger.until_ended([order], seconds=30)
    view = await channel.view(customer)
    assert [one["state"] for one in view["productOrder"]] == ["cancelled"]
    assert [one["resourceStatus"] for one in view["resource"]] == ["available", "available"]


async def test_a_failure_in_the_network_is_held_and_completes_once_it_is_mended_and_retried(
    system: RunningSystem, channel: Channel, ledger: Ledger
) -> None:
    customer = await channel.customer()
    await channel.network({"match": {"customerId": customer, "op": "activate"}, "outcome": "fail"})
    order = await channel.place(an_order(customer, "phone", "streaming-tv"))
    await channel.until_state(order["id"], "held")
    listed = system.dualbus_json("process", "list", "--state", "fallout")
    [stuck] = [one for one in listed["process"] if one["id"] == order["id"]]
    await channel.network()

    system.dualbus("process", "retry", order["id"])

    assert "elementFault" in str(stuck)
    await ledger.until_ended([order], seconds=60)
    assert await ledger.findings([order]) == []


async def test_an_abandoned_order_leaves_nothing_behind(
    system: RunningSystem, channel: Channel, ledger: Ledger
) -> None:
    customer = await channel.customer()
    before = await pools(system)
    await channel.network({"match": {"customerId": customer, "op": "activate"}, "outcome": "fail"})
    order = await channel.place(an_order(customer, "phone"))
    await channel.until_state(order["id"], "held")

    system.dualbus("process", "abandon", order["id"])

    await channel.until_state(order["id"], "failed")
    await ledger.until_ended([order], seconds=30)
    assert await pools(system) == before
    assert await active_for(channel, customer) == []
