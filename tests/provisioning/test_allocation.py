"""Drawing from pools: many at once, on several connections, never one value twice."""

import asyncio
import random
import time
from collections import Counter

import pytest
from dualbus_events.tasks import Task

from tests.provisioning.network import (
    RESOURCE_CATALOG,
    Provisioning,
    activate,
    undo_of,
)


async def test_eight_transactions_at_once_never_give_one_value_twice(
    provisioning: Provisioning,
) -> None:
    batches = [[activate("mobile") for _ in range(50)] for _ in range(8)]

    await asyncio.gather(*(provisioning.deliver(*batch) for batch in batches))

    resources = await provisioning.bodies("resource")
    values = Counter((one["category"], one["value"]) for one in resources)
    holders = Counter(one["relatedEntity"][0]["id"] for one in resources)
    assert len(values) == 800
    assert set(holders.values()) == {2}
    assert await provisioning.pool.fetchval("SELECT min(next_value) FROM resource_pool") == 401


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_values_have_one_holder_through_any_mix_of_activations_and_undoings(
    provisioning: Provisioning, seed: int
) -> None:
    chance = random.Random(seed)
    held: list[Task] = []
    for _ in range(6):
        new = [activate(chance.choice(["mobile", "pair"])) for _ in range(chance.randint(1, 6))]
        chance.shuffle(held)
        gone = [held.pop() for _ in range(chance.randint(0, len(held)))]
        halves = [*new, *(undo_of(task) for task in gone)]
        chance.shuffle(halves)
        middle = len(halves) // 2
        await asyncio.gather(
            provisioning.deliver(*halves[:middle]), provisioning.deliver(*halves[middle:])
        )
        await provisioning.call_element()
        replies = await provisioning.replies(*new)
        held += [t for t, reply in zip(new, replies, strict=True) if reply["outcome"] == "done"]

    resources = await provisioning.bodies("resource")
    reserved = [one for one in resources if one["resourceStatus"] == "reserved"]
    at_element = [
        (one["type"], one["value"])
        for service in await provisioning.active()
        for one in service["resources"]
    ]
    services = await provisioning.states("service")
    assert Counter(services)["active"] == len(held)
    assert sorted(at_element) == sorted((one["category"], one["value"]) for one in reserved)
    assert len(reserved) == 2 * len(held)
    assert sum(one["category"] == "port" for one in resources) <= 3


async def test_number_ported_in_by_hand_is_not_given_out_again(
    provisioning: Provisioning,
) -> None:
    posted = await provisioning.harness.client.post(
        "/tmf-api/resourceInventoryManagement/v4/resource",
        json={
            "name": "ported",
            "value": "+99550000001",
            "resourceStatus": "reserved",
            "resourceSpecification": {"id": "msisdn"},
        },
    )

    replies = await provisioning.do(activate("mobile"), activate("mobile"))

    assert posted.status_code == 201
    assert [reply["result"]["resource"][0]["value"] for reply in replies] == [
        "+99550000002",
        "+99550000003",
    ]


async def test_resource_put_into_the_inventory_is_assigned(provisioning: Provisioning) -> None:
    client = provisioning.harness.client
    await client.post(RESOURCE_CATALOG, json={"id": "router", "name": "Router"})
    await client.post(
        "/tmf-api/serviceCatalogManagement/v4/serviceSpecification",
        json={"id": "wifi", "name": "wifi", "resourceSpecification": [{"id": "router"}]},
    )
    await client.post(
        "/tmf-api/resourceInventoryManagement/v4/resource",
        json={
            "name": "R1",
            "value": "SN-1",
            "resourceStatus": "available",
            "resourceSpecification": {"id": "router"},
        },
    )

    replies = await provisioning.do(activate("wifi"), activate("wifi"))

    assert sorted(reply["outcome"] for reply in replies) == ["done", "rejected"]
    done = next(reply for reply in replies if reply["outcome"] == "done")
    assert done["result"]["resource"][0]["value"] == "SN-1"


async def test_throughput_of_activations_is_shown(
    provisioning: Provisioning, capsys: pytest.CaptureFixture[str]
) -> None:
    batches = [[activate("mobile") for _ in range(200)] for _ in range(5)]

    started = time.perf_counter()
    for batch in batches:
        await provisioning.deliver(*batch)
    taken = time.perf_counter()
    await provisioning.call_element()
    answered = time.perf_counter()

    assert len(await provisioning.active()) == 1000
    with capsys.disabled():
        print(
            f"\nactivations, lists of 200: taken {1000 / (taken - started):.0f}/s, "
            f"called and answered {1000 / (answered - taken):.0f}/s"
        )
