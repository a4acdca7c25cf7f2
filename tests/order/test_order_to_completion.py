"""An order from the channel's POST to the product, with participants that answer."""

import asyncio

from dualbus_events.migrations.run import check
from order_svc.service import SERVICE

from tests.harness import Harness, fresh_database
from tests.order.order_world import (
    CATALOGUE,
    ORDERS,
    PLANS,
    PRODUCTS,
    an_item,
    an_order,
    new_tasks,
    order_of,
    play,
    post,
    reply,
    types,
)

SPECIFICATIONS, OFFERINGS = f"{CATALOGUE}/productSpecification", f"{CATALOGUE}/productOffering"


async def test_order_is_acknowledged_and_its_first_task_sent_in_one_commit(
    order_svc: Harness,
) -> None:
    order = await post(
        order_svc, ORDERS, an_order(externalId="shop-1"), **{"X-Correlation-Id": "k"}
    )

    [event, task] = await order_svc.published()
    assert order["state"] == "acknowledged"
    assert order["productOrderItem"][0]["state"] == "acknowledged"
    assert event.type == "ProductOrderCreateEvent"
    assert event.body["event"]["productOrder"] == order
    assert event.headers["ce_customerid"] == "c-1"
    assert (task.topic, task.type, task.key) == ("task.customer.v1", "customer.verify", order["id"])
    assert task.headers["ce_correlationid"] == "k"
    assert task.body["replyTo"] == "task-reply.order.v1"
    payload = task.body["payload"]
    assert payload["customerId"] == "c-1"
    assert payload["productOrder"]["externalId"] == "shop-1"
    assert payload["items"][0]["productOffering"]["id"] == "internet"
    assert payload["results"] == {}


async def test_replies_lead_the_order_to_completion_and_make_the_product(
    order_svc: Harness,
) -> None:
    order = await post(order_svc, ORDERS, an_order())

    seen = await play(order_svc)

    assert seen == [
        "customer.verify",
        "billing.open",
        "provisioning.activate",
        "billing.start",
        "assurance.watch",
    ]
    order = await order_of(order_svc, order["id"])
    item = order["productOrderItem"][0]
    assert (order["state"], item["state"]) == ("completed", "completed")
    assert order["completionDate"]
    product = (await order_svc.client.get(f"{PRODUCTS}/{item['product']['id']}")).json()
    assert product["status"] == "active"
    assert product["startDate"] == "2026-03-01T10:00:00.000Z"
    assert product["realizingService"][0]["id"] == "s-1"
    assert product["billingAccount"]["id"] == "ba-1"
    assert product["name"] == "The internet"
    assert [p["price"]["taxIncludedAmount"]["value"] for p in product["productPrice"]] == [30, 10]
    assert product["productOrderItem"][0]["productOrderId"] == order["id"]
    assert product["href"] == item["product"]["href"]
    # What TMF637's kit, which makes no product, asserts of those that are there.
    assert {"productOffering", "productCharacteristic", "relatedParty"} <= product.keys()
    listed = await order_svc.client.get(f"{PRODUCTS}?relatedParty.id=c-1")
    assert [one["id"] for one in listed.json()] == [product["id"]]


async def test_product_has_the_orders_account_where_no_task_opened_one(order_svc: Harness) -> None:
    task = {"id": "vas.subscribe", "type": "vas.subscribe"}
    await post(order_svc, PLANS, {"id": "gift", "name": "Gift", "task": [task]})
    plans = [{"id": "gift", "action": ["add"]}]
    await post(order_svc, SPECIFICATIONS, {"id": "gift", "name": "Gift", "fulfilmentPlan": plans})
    gift = {"id": "gift", "name": "Gift", "productSpecification": {"id": "gift"}}
    await post(order_svc, OFFERINGS, {**gift, "lifecycleStatus": "Active"})
    await order_svc.forget_published()
    item = an_item(productOffering={"id": "gift"})
    order = await post(order_svc, ORDERS, an_order(item, billingAccount={"id": "ba-9"}))

    await play(order_svc)

    [product] = (await order_svc.client.get(PRODUCTS)).json()
    assert (await order_of(order_svc, order["id"]))["state"] == "completed"
    assert product["billingAccount"]["id"] == "ba-9"
    assert (product["productPrice"], product["productCharacteristic"]) == ([], [])


async def test_item_tasks_carry_item_specification_offering_and_results(
    order_svc: Harness,
) -> None:
    await post(order_svc, ORDERS, an_order(an_item(description="upstairs")))
    await order_svc.deliver(*map(reply, await new_tasks(order_svc)))
    await order_svc.deliver(*map(reply, await new_tasks(order_svc)))

    [task] = await new_tasks(order_svc)

    payload = task.body["payload"]
    assert task.type == "provisioning.activate"
    assert payload["item"]["description"] == "upstairs"
    assert payload["item"]["product"]["id"]
    assert payload["item"]["itemPrice"][0]["productOfferingPrice"]["id"] == "monthly"
    assert payload["productSpecification"]["serviceSpecification"] == [{"id": "internet-service"}]
    assert payload["productOffering"] == {
        "id": "internet",
        "name": "The internet",
        "serviceLevelAgreement": {"id": "gold"},
    }
    assert set(payload["results"]) == {"customer.verify", "billing.open"}


async def test_order_of_two_items_asks_for_customer_and_account_once(order_svc: Harness) -> None:
    await post(order_svc, ORDERS, an_order(an_item("1"), an_item("2")))

    seen = await play(order_svc)

    assert seen.count("customer.verify") == seen.count("billing.open") == 1
    assert seen.count("provisioning.activate") == seen.count("billing.start") == 2


async def test_item_that_relies_on_another_waits_for_it(order_svc: Harness) -> None:
    relies = [{"id": "1", "relationshipType": "reliesOn"}]
    await post(
        order_svc,
        ORDERS,
        an_order(an_item("2", productOrderItemRelationship=relies), an_item("1")),
    )
    for _ in range(2):
        await order_svc.deliver(*map(reply, await new_tasks(order_svc)))

    first = await new_tasks(order_svc)
    await order_svc.deliver(*map(reply, first))
    second = await new_tasks(order_svc)
    await order_svc.deliver(*map(reply, second))
    third = await new_tasks(order_svc)

    assert [task.body["payload"]["item"]["id"] for task in first] == ["1"]
    assert types(second) == ["billing.start", "assurance.watch"]
    assert [task.body["payload"]["item"]["id"] for task in third] == ["2"]


async def test_redelivered_reply_is_handled_once(order_svc: Harness) -> None:
    order = await post(order_svc, ORDERS, an_order())
    [task] = await new_tasks(order_svc)
    answer = reply(task)

    await order_svc.deliver(answer)
    await order_svc.deliver(answer)
    await order_svc.deliver(reply(task), reply(task))

    assert types(await new_tasks(order_svc)) == ["billing.open"]
    assert (await order_of(order_svc, order["id"]))["state"] == "inProgress"


async def test_order_of_200_items_is_taken_and_completes(order_svc: Harness) -> None:
    items = [an_item(str(number)) for number in range(200)]
    order = await post(order_svc, ORDERS, an_order(*items))

    await play(order_svc)

    order = await order_of(order_svc, order["id"])
    assert order["state"] == "completed"
    assert {item["state"] for item in order["productOrderItem"]} == {"completed"}
    listed = await order_svc.client.get(f"{PRODUCTS}?fields=none")
    assert listed.headers["X-Total-Count"] == "200"


async def test_delete_item_terminates_its_product_and_no_other(order_svc: Harness) -> None:
    added = await post(order_svc, ORDERS, an_order(an_item("1"), an_item("2")))
    await play(order_svc)
    doomed, other = (item["product"]["id"] for item in added["productOrderItem"])

    ceased = await post(
        order_svc,
        ORDERS,
        an_order({"id": "1", "action": "delete", "product": {"id": doomed}}),
    )
    seen = await play(order_svc)

    assert seen == ["customer.verify", "provisioning.cease", "billing.stop", "assurance.unwatch"]
    assert (await order_of(order_svc, ceased["id"]))["state"] == "completed"
    product = (await order_svc.client.get(f"{PRODUCTS}/{doomed}")).json()
    assert product["status"] == "terminated"
    assert product["terminationDate"] == "2026-04-01T00:00:00.000Z"
    assert (await order_svc.client.get(f"{PRODUCTS}/{other}")).json()["status"] == "active"


async def test_tables_and_migration_agree(postgres_dsn: str) -> None:
    dsn = await fresh_database(postgres_dsn, SERVICE)

    await asyncio.to_thread(check, dsn, SERVICE.migrations, SERVICE.metadata)
