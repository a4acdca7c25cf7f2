"""What must not be taken leaves a problem that says what and where, and no trace."""

import json
from typing import Any

import pytest
from dualbus_kit.ids import new_id

from tests.e2e.channel import CANCEL_PATH, ORDER_PATH, Channel, an_order, item
from tests.e2e.running_system import RunningSystem

pytestmark = [pytest.mark.stack, pytest.mark.timeout(600)]

_KEPT = (
    "SELECT (SELECT count(*) FROM product_order), (SELECT count(*) FROM process), "
    "(SELECT count(*) FROM idempotency_key), (SELECT count(*) FROM cancel_product_order)"
)


async def stored(system: RunningSystem) -> tuple[Any, ...]:
    """How much order-svc holds."""
    [row] = await system.rows("order", _KEPT)
    return tuple(row)


def broken_bodies() -> dict[str, tuple[bytes, int, str]]:
    """Body, expected status, and what the detail must name."""
    negative = an_order("c", productOrderItem=[{**item("phone"), "quantity": -1}])
    twice = an_order("c", productOrderItem=[item("phone", "7"), item("phone", "7")])
    return {
        "malformed JSON": (b'{"productOrderItem": [', 400, "line 1 column"),
        "negative quantity": (json.dumps(negative).encode(), 400, "productOrderItem.0.quantity"),
        "duplicate item ids": (json.dumps(twice).encode(), 400, "productOrderItem.1.id"),
        "no item": (json.dumps(an_order("c")).encode(), 400, "productOrderItem"),
        "2 MB": (json.dumps({"note": "x" * 2_000_000}).encode(), 413, "bytes"),
    }


@pytest.mark.parametrize("case", list(broken_bodies()))
async def test_a_broken_order_is_refused_with_what_and_where(
    system: RunningSystem, channel: Channel, case: str
) -> None:
    body, status, where = broken_bodies()[case]
    before = await stored(system)

    answer = await channel.client.post(
        channel.url("order", ORDER_PATH),
        content=body,
        headers={"Content-Type": "application/json", "Idempotency-Key": new_id()},
    )

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert {"type", "title", "status", "detail", "code", "reason"} <= problem.keys()
    assert where in problem["detail"]
    assert await stored(system) == before


async def test_an_idempotency_key_with_another_body_is_refused(
    system: RunningSystem, channel: Channel
) -> None:
    customer, key = await channel.customer(), new_id()
    first = await channel.post_order(an_order(customer, "streaming-tv"), key=key)
    again = await channel.post_order(an_order(customer, "streaming-tv"), key=key)
    before = await stored(system)

    other = await channel.post_order(an_order(customer, "phone"), key=key)

    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json()["id"] == again.json()["id"]
    assert (other.status_code, other.json()["code"]) == (409, "idempotencyKeyReused")
    assert await stored(system) == before


async def test_a_wrong_state_move_names_both_states_and_changes_nothing(
    system: RunningSystem, channel: Channel
) -> None:
    order = await channel.complete(an_order(await channel.customer(), "streaming-tv"))
    before = await stored(system)
    url = channel.url("order", f"{ORDER_PATH}/{order['id']}")

    moved = await channel.client.patch(url, json={"state": "acknowledged"})
    cancelled = await channel.client.post(
        channel.url("order", CANCEL_PATH), json={"productOrder": {"id": order["id"]}}
    )

    for answer in (moved, cancelled):
        assert answer.status_code == 409
        assert "completed" in answer.json()["detail"]
    assert "acknowledged" in moved.json()["detail"]
    assert (await channel.order(order["id"])) == order
    assert await stored(system) == before


async def test_an_unknown_id_is_not_found(system: RunningSystem, channel: Channel) -> None:
    before = await stored(system)
    nobody = new_id()

    answers = [
        await channel.client.get(channel.url("order", f"{ORDER_PATH}/{nobody}")),
        await channel.client.patch(
            channel.url("order", f"{ORDER_PATH}/{nobody}"), json={"description": "x"}
        ),
        await channel.client.post(
            channel.url("order", CANCEL_PATH), json={"productOrder": {"id": nobody}}
        ),
    ]

    for answer in answers:
        assert answer.status_code == 404
        assert nobody in answer.json()["detail"]
    assert await stored(system) == before


async def test_what_may_not_be_sold_is_kept_as_rejected_and_fans_out_nothing(
    system: RunningSystem, channel: Channel
) -> None:
    customer = await channel.customer()
    offering = {
        "name": "Never sold on its own", "isSellable": False, "lifecycleStatus": "Launched",
        "productSpecification": {"id": "phone"},
    }  # fmt: skip
    answer = await channel.client.post(
        channel.url("order", "/tmf-api/productCatalogManagement/v4/productOffering"), json=offering
    )
    tasks = "SELECT count(*) FROM participant_task WHERE process_id = $1"

    unknown = await channel.place(an_order(customer, "phone", "no-such-offering"))
    unsellable = await channel.place(an_order(customer, answer.json()["id"]))

    for order, code in ((unknown, "offeringUnknown"), (unsellable, "offeringNotSellable")):
        assert order["state"] == "rejected"
        assert order["productOrderItem"][-1]["errorMessage"][0]["code"] == code
    # Had anything been sent, the order that follows would be verified after it.
    await channel.complete(an_order(customer, "streaming-tv"))
    for order in (unknown, unsellable):
        assert await system.value("customer", tasks, order["id"]) == 0


async def test_an_item_without_any_offering_waits_for_a_person(
    system: RunningSystem, channel: Channel
) -> None:
    bare = {"id": "1", "action": "add", "quantity": 1}

    waiting = await channel.place(an_order(await channel.customer(), productOrderItem=[bare]))
    await channel.complete(an_order(await channel.customer(), "streaming-tv"))

    assert (await channel.order(waiting["id"]))["state"] == "acknowledged"
    process = "SELECT count(*) FROM process WHERE id = $1"
    assert await system.value("order", process, waiting["id"]) == 0
