"""`billing.start`, `billing.stop` and their undos."""

from typing import Any

import pytest
from dualbus_events.tasks import Task
from dualbus_kit.ids import new_id

from tests.billing.billing_tasks import (
    JANUARY_10,
    a_customer,
    a_price,
    a_start_task,
    a_stop_task,
    an_undo,
)
from tests.harness import Harness, replies_in, task_messages

CHARGES = "/dualbus-api/customerBilling/v1/charge"
ACCOUNTS = "/tmf-api/accountManagement/v4/billingAccount"


async def _do(billing: Harness, *tasks: Task) -> list[dict[str, Any]]:
    await billing.deliver(*task_messages(*tasks))
    replies = replies_in(await billing.published())
    return [replies[task.task_id] for task in tasks]


async def _charges(billing: Harness, product_id: str) -> list[dict[str, Any]]:
    answer = await billing.client.get(CHARGES, params={"product.id": product_id})
    charges: list[dict[str, Any]] = answer.json()
    return charges


async def test_each_price_becomes_a_charge_from_the_activation_on(billing: Harness) -> None:
    alteration = {
        "name": "loyalty",
        "priceType": "recurring",
        "price": {"taxIncludedAmount": {"unit": "USD", "value": -0.15}},
    }
    task = a_start_task(
        a_price(30, priceAlteration=[alteration]),
        a_price(19.99, price_id="installation", price_type="oneTime"),
        a_price(0.02, price_id="per-minute", price_type="usage"),
        product_id="product-1",
    )

    [reply] = await _do(billing, task)

    monthly, once = await _charges(billing, "product-1")
    assert reply["outcome"] == "done"
    assert reply["result"]["charge"] == [{"id": monthly["id"]}, {"id": once["id"]}]
    assert monthly["amount"] == {"unit": "USD", "value": 29.85}
    assert monthly["startDate"] == JANUARY_10
    assert monthly["state"] == "active"
    assert monthly["product"]["id"] == "product-1"
    assert monthly["productOfferingPrice"]["id"] == "fibre-monthly"
    assert monthly["billingAccount"]["id"] == "account-1"
    assert monthly["relatedParty"] == [a_customer("customer-1")]
    assert (once["priceType"], once["amount"]["value"]) == ("oneTime", 19.99)
    event = (await billing.published("billing.charge.v1"))[0]
    assert event.headers["ce_customerid"] == "customer-1"


async def test_a_product_is_not_charged_twice_for_a_price(billing: Harness) -> None:
    task = a_start_task(a_price(30), product_id="product-1")
    same = a_start_task(a_price(30), product_id="product-1")

    [first] = await _do(billing, task)
    [second] = await _do(billing, same)
    await billing.deliver(*task_messages(task))

    assert first["result"] == second["result"]
    assert len(await _charges(billing, "product-1")) == 1


async def test_same_product_twice_in_one_batch_is_charged_once(billing: Harness) -> None:
    tasks = [a_start_task(a_price(30), product_id="product-1") for _ in range(3)]

    replies = await _do(billing, *tasks)

    assert len({reply["result"]["charge"][0]["id"] for reply in replies}) == 1


@pytest.mark.parametrize(
    ("price", "reason"),
    [
        (a_price(1, price=None), "no amount"),
        (a_price(1, recurringChargePeriod="year"), "per year"),
        (a_price(1e30), "not below"),
        (
            a_price(
                1, priceAlteration=[{"price": {"taxIncludedAmount": {"unit": "EUR", "value": 1}}}]
            ),
            "EUR",
        ),
        (a_price(1, priceAlteration=[{"price": {}}]), "neither"),
        (
            a_price(1, priceAlteration=[{"priceType": "oneTime", "price": {"percentage": 5}}]),
            "oneTime",
        ),
    ],
)
async def test_price_that_can_not_be_charged_is_refused_alone(
    billing: Harness, price: dict[str, Any], reason: str
) -> None:
    bad, good = a_start_task(price, product_id="bad"), a_start_task(a_price(5))

    refused, done = await _do(billing, bad, good)

    assert (refused["outcome"], refused["error"]["code"]) == ("rejected", "invalidPrice")
    assert reason in refused["error"]["message"]
    assert done["outcome"] == "done"
    assert await _charges(billing, "bad") == []


async def test_item_may_name_another_account_of_the_customer(billing: Harness) -> None:
    body = {"name": "Second", "relatedParty": [a_customer("customer-1")]}
    named = (await billing.client.post(ACCOUNTS, json=body)).json()["id"]
    item = {"billingAccount": {"id": named}}
    own = a_start_task(a_price(5), product_id="own", item=item)
    others = a_start_task(a_price(5), customer_id="customer-2", item=item)

    accepted, refused = await _do(billing, own, others)

    assert accepted["outcome"] == "done"
    assert (await _charges(billing, "own"))[0]["billingAccount"]["id"] == named
    assert refused["error"]["code"] == "billingAccountOfAnother"


async def test_undone_start_is_void_and_may_start_again(billing: Harness) -> None:
    task = a_start_task(a_price(30), product_id="product-1")
    untouched = a_start_task(a_price(30), product_id="product-2")
    await _do(billing, task, untouched)

    [reply] = await _do(billing, an_undo(task))
    [again] = await _do(billing, an_undo(task))
    await _do(billing, a_start_task(a_price(30), product_id="product-1"))

    void, fresh = await _charges(billing, "product-1")
    assert reply["outcome"] == again["outcome"] == "done"
    assert (void["state"], void["endDate"]) == ("ended", void["startDate"])
    assert fresh["state"] == "active"
    assert (await _charges(billing, "product-2"))[0]["state"] == "active"
    events = await billing.published(event_type="ChargeStateChangeEvent")
    assert [event.key for event in events] == [void["id"]]


async def test_undo_leaves_what_another_order_started(billing: Harness) -> None:
    await _do(billing, a_start_task(a_price(30), product_id="product-1"))
    repeated = a_start_task(a_price(30), product_id="product-1")
    await _do(billing, repeated)

    await _do(billing, an_undo(repeated))

    assert (await _charges(billing, "product-1"))[0]["state"] == "active"


async def test_stop_ends_the_charges_of_that_product_only(billing: Harness) -> None:
    await _do(
        billing,
        a_start_task(
            a_price(30), a_price(9, price_id="setup", price_type="oneTime"), product_id="one"
        ),
        a_start_task(a_price(30), product_id="two"),
    )
    stop = a_stop_task("one", "2026-02-20T10:00:00.000Z")

    [reply] = await _do(billing, stop)
    await billing.deliver(*task_messages(stop))

    monthly, setup = await _charges(billing, "one")
    assert (reply["outcome"], reply["result"]) == ("done", {})
    assert (monthly["state"], monthly["endDate"]) == ("ended", "2026-02-20T10:00:00.000Z")
    assert setup["state"] == "active"
    assert (await _charges(billing, "two"))[0]["state"] == "active"


async def test_undone_stop_lets_the_charge_run_on(billing: Harness) -> None:
    await _do(billing, a_start_task(a_price(30), product_id="one"))
    stop = a_stop_task("one", "2026-02-20T10:00:00.000Z")
    await _do(billing, stop)

    await _do(billing, an_undo(stop))

    [charge] = await _charges(billing, "one")
    assert charge["state"] == "active"
    assert "endDate" not in charge


async def test_stop_of_what_was_never_charged_is_done(billing: Harness) -> None:
    [reply] = await _do(billing, a_stop_task(new_id(), "2026-02-20T10:00:00.000Z"))

    assert reply["outcome"] == "done"


async def test_charges_are_found_by_customer_account_and_product(billing: Harness) -> None:
    await _do(billing, a_start_task(a_price(30), product_id="one"), a_start_task(a_price(1)))

    for query in ("relatedParty.id=customer-1", "billingAccount.id=account-1", "state=active"):
        assert len((await billing.client.get(f"{CHARGES}?{query}")).json()) == 2
    assert (await billing.client.post(CHARGES, json={})).status_code == 405
