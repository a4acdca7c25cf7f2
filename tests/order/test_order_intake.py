"""What POST productOrder takes, refuses, keeps as rejected, and answers when it is repeated."""

import asyncio
from typing import Any

import pytest
from dualbus_kit.errors import Invalid
from order_svc.product_order.intake import new_product_order

from tests.harness import Harness
from tests.order.order_world import (
    CATALOGUE,
    ORDERS,
    PRODUCTS,
    an_item,
    an_order,
    new_tasks,
    order_of,
    play,
    post,
)


class Here:
    public_url = "http://test"


@pytest.mark.parametrize(
    ("order", "said"),
    [
        (an_order(productOrderItem=[]), "productOrderItem.id, productOrderItem.action: required"),
        (an_order(an_item("1"), an_item("1")), "productOrderItem.1.id: '1' is the id of"),
        (an_order(an_item(quantity=-1)), "productOrderItem.0.quantity"),
        (an_order(an_item(quantity=0)), "productOrderItem.0.quantity"),
        (an_order({"id": "1"}), "productOrderItem.action: required"),
        (an_order(an_item(action="burn")), "productOrderItem.0.action"),
        (an_order(an_item("")), "productOrderItem.0.id"),
        (an_order(an_item(productOrderItem=[an_item("2")])), "productOrderItem.0.productOrderItem"),
        (an_order(an_item(action="delete")), "productOrderItem.0.product.id"),
        (
            an_order(
                an_item(productOrderItemRelationship=[{"id": "9", "relationshipType": "reliesOn"}])
            ),
            "there is no item '9'",
        ),
        (
            an_order(
                an_item(productOrderItemRelationship=[{"id": "1", "relationshipType": "reliesOn"}])
            ),
            "in a circle",
        ),
        ({}, "productOrderItem"),
    ],
)
def test_order_that_is_not_well_formed_is_refused_by_place(order: Any, said: str) -> None:
    with pytest.raises(Invalid, match=r".*") as refused:
        new_product_order(order, Here())

    assert said in str(refused.value)


async def test_bad_request_fails_none_of_its_neighbours(order_svc: Harness) -> None:
    bodies = [an_order() if n % 3 else an_order(an_item(quantity=-1)) for n in range(30)]

    answers = await asyncio.gather(*(order_svc.client.post(ORDERS, json=b) for b in bodies))

    assert [a.status_code for a in answers] == [201 if n % 3 else 400 for n in range(30)]
    events = await order_svc.published("order.product-order.v1")
    assert len({event.key for event in events}) == 20
    assert len({event.body["correlationId"] for event in events}) == 20


async def test_malformed_json_says_where_and_stores_nothing(order_svc: Harness) -> None:
    answer = await order_svc.client.post(
        ORDERS, content=b'{"productOrderItem": [', headers={"Content-Type": "application/json"}
    )

    assert answer.status_code == 400
    assert "line 1" in answer.json()["detail"]
    assert await order_svc.published() == []


@pytest.mark.parametrize(
    ("item", "code"),
    [
        (an_item(productOffering={"id": "nope"}), "offeringUnknown"),
        (an_item(productOffering={"id": "retired"}), "offeringNotSellable"),
        (an_item(itemPrice=[{"productOfferingPrice": {"id": "x"}}]), "priceNotOffered"),
    ],
)
async def test_what_can_not_be_sold_is_kept_as_rejected_and_fans_out_nothing(
    order_svc: Harness, item: dict[str, Any], code: str
) -> None:
    order = await post(order_svc, ORDERS, an_order(item, an_item("2")))

    assert order["state"] == "rejected"
    assert order["productOrderItem"][0]["errorMessage"][0]["code"] == code
    assert "errorMessage" not in order["productOrderItem"][1]
    assert [p.topic for p in await order_svc.published()] == ["order.product-order.v1"]


async def test_catalogue_change_is_seen_by_the_next_order(order_svc: Harness) -> None:
    before = await post(order_svc, ORDERS, an_order())
    path = f"{CATALOGUE}/productOffering/internet"
    await order_svc.client.patch(path, json={"isSellable": False})

    after = await post(order_svc, ORDERS, an_order())

    assert (before["state"], after["state"]) == ("acknowledged", "rejected")


@pytest.mark.parametrize(
    "order",
    [
        {"productOrderItem": [{"id": "1", "action": "add"}]},
        {**an_order(), "relatedParty": [{"id": "c-1", "role": "agent"}]},
    ],
)
async def test_order_without_offering_or_customer_waits_for_a_person(
    order_svc: Harness, order: dict[str, Any]
) -> None:
    taken = await post(order_svc, ORDERS, order)

    assert taken["state"] == "acknowledged"
    assert "relatedParty" in taken
    assert await new_tasks(order_svc) == []


async def test_alterations_are_kept_and_amounts_are_the_catalogues(order_svc: Harness) -> None:
    alteration = {
        "name": "loyal",
        "priceType": "recurring",
        "price": {"taxIncludedAmount": {"unit": "EUR", "value": -0.15}},
    }
    sent = {
        "productOfferingPrice": {"id": "monthly"},
        "price": {"taxIncludedAmount": {"unit": "EUR", "value": 1}},
        "priceAlteration": [alteration],
    }

    order = await post(order_svc, ORDERS, an_order(an_item(itemPrice=[sent])))

    monthly, setup = order["productOrderItem"][0]["itemPrice"]
    assert monthly["price"]["taxIncludedAmount"] == {"unit": "EUR", "value": 30}
    assert monthly["priceAlteration"] == [alteration]
    assert (monthly["priceType"], monthly["recurringChargePeriod"]) == ("recurring", "month")
    assert (setup["priceType"], "priceAlteration" in setup) == ("oneTime", False)


async def test_same_key_gives_one_order_and_another_body_is_a_conflict(order_svc: Harness) -> None:
    key = {"Idempotency-Key": "k-1"}

    answers = await asyncio.gather(
        *(order_svc.client.post(ORDERS, json=an_order(), headers=key) for _ in range(10))
    )
    other = await order_svc.client.post(ORDERS, json=an_order(category="x"), headers=key)

    assert {a.status_code for a in answers} == {201}
    assert len({a.json()["id"] for a in answers}) == 1
    assert sum("Idempotent-Replayed" in a.headers for a in answers) == 9
    assert other.status_code == 409
    assert other.json()["code"] == "idempotencyKeyReused"
    assert len(await order_svc.published("order.product-order.v1")) == 1


async def test_product_of_another_customer_or_a_terminated_one_is_rejected(
    order_svc: Harness,
) -> None:
    order = await post(order_svc, ORDERS, an_order())
    await play(order_svc)
    product = {"id": order["productOrderItem"][0]["product"]["id"]}
    cease = {"id": "1", "action": "delete", "product": product}

    stranger = await post(order_svc, ORDERS, an_order(cease, customer="c-2"))
    await post(order_svc, ORDERS, an_order(cease))
    await play(order_svc)
    again = await post(order_svc, ORDERS, an_order(cease))

    codes = [o["productOrderItem"][0]["errorMessage"][0]["code"] for o in (stranger, again)]
    assert codes == ["productOfAnother", "productTerminated"]


async def test_order_for_a_later_start_waits_pending_and_sends_nothing(order_svc: Harness) -> None:
    order = await post(order_svc, ORDERS, an_order(requestedStartDate="2999-01-01T00:00:00Z"))

    assert order["state"] == "pending"
    assert await new_tasks(order_svc) == []


async def test_patches_of_two_items_at_once_are_both_kept(order_svc: Harness) -> None:
    order = await post(order_svc, ORDERS, an_order(an_item("1"), an_item("2")))
    path = f"{ORDERS}/{order['id']}"

    answers = await asyncio.gather(
        *(
            order_svc.client.patch(path, json={"productOrderItem": [{"id": id_, "floor": id_}]})
            for id_ in ("1", "2")
        )
    )

    assert [a.status_code for a in answers] == [200, 200]
    after = await order_of(order_svc, order["id"])
    assert [item["floor"] for item in after["productOrderItem"]] == ["1", "2"]


async def test_patch_of_several_items_needs_the_version_it_comes_from(order_svc: Harness) -> None:
    order = await post(order_svc, ORDERS, an_order(an_item("1"), an_item("2")))
    path, patch = f"{ORDERS}/{order['id']}", {"productOrderItem": [{"id": "1"}, {"id": "2"}]}

    blind = await order_svc.client.patch(path, json=patch)
    stale = await order_svc.client.patch(path, json=patch, headers={"If-Match": '"7"'})
    right = await order_svc.client.patch(path, json=patch, headers={"If-Match": '"1"'})

    assert [a.status_code for a in (blind, stale, right)] == [409, 412, 200]


@pytest.mark.parametrize(
    ("patch", "status", "said"),
    [
        ({"description": "urgent"}, 200, "urgent"),
        ({"state": "cancelled"}, 409, "POST a cancelProductOrder"),
        ({"state": "inProgress"}, 409, "from acknowledged to inProgress"),
        ({"state": "completed"}, 409, "from acknowledged to completed"),
        ({"orderDate": "2020-01-01T00:00:00Z"}, 400, "orderDate"),
        ({"productOrderItem": [{"id": "1", "quantity": 5}]}, 400, "productOrderItem.0.quantity"),
        ({"productOrderItem": [{"id": "9", "note": "x"}]}, 400, "there is no item '9'"),
    ],
)
async def test_patch_changes_what_describes_never_what_was_ordered(
    order_svc: Harness, patch: dict[str, Any], status: int, said: str
) -> None:
    order = await post(order_svc, ORDERS, an_order())

    answer = await order_svc.client.patch(f"{ORDERS}/{order['id']}", json=patch)

    assert answer.status_code == status
    assert said in answer.text


async def test_person_leads_an_order_that_has_no_process(order_svc: Harness) -> None:
    order = await post(order_svc, ORDERS, {"productOrderItem": [{"id": "1", "action": "add"}]})
    path = f"{ORDERS}/{order['id']}"

    states = [
        (await order_svc.client.patch(path, json={"state": state})).json()["state"]
        for state in ("inProgress", "completed")
    ]

    assert states == ["inProgress", "completed"]


async def test_product_status_moves_as_its_machine_allows(order_svc: Harness) -> None:
    order = await post(order_svc, ORDERS, an_order())
    await play(order_svc)
    path = f"{PRODUCTS}/{order['productOrderItem'][0]['product']['id']}"

    suspended = await order_svc.client.patch(path, json={"status": "suspended"})
    wrong = await order_svc.client.patch(path, json={"status": "created"})

    assert suspended.json()["status"] == "suspended"
    assert wrong.status_code == 409
    assert {wrong.json()["from"], wrong.json()["to"]} == {"suspended", "created"}
    events = await order_svc.published("order.product.v1")
    assert [event.type for event in events] == ["ProductStateChangeEvent"]
