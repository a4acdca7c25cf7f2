"""`billing.open` and its undo: a customer has one account, whatever arrives at once."""

import asyncio
import time
from typing import Any

from dualbus_events.tasks import Task
from dualbus_kit.ids import new_id

from tests.billing.billing_tasks import a_customer, a_price, a_start_task, an_open_task, an_undo
from tests.harness import Harness, replies_in, task_messages

ACCOUNTS = "/tmf-api/accountManagement/v4/billingAccount"


async def _do(billing: Harness, *tasks: Task) -> list[dict[str, Any]]:
    await billing.deliver(*task_messages(*tasks))
    replies = replies_in(await billing.published())
    return [replies[task.task_id] for task in tasks]


async def _accounts(billing: Harness, query: str = "") -> list[dict[str, Any]]:
    answer = await billing.client.get(f"{ACCOUNTS}{query}")
    accounts: list[dict[str, Any]] = answer.json()
    return accounts


async def test_first_order_opens_an_account_of_the_customer(billing: Harness) -> None:
    task = an_open_task("customer-1")

    [reply] = await _do(billing, task)

    [account] = await _accounts(billing)
    assert reply["outcome"] == "done"
    assert reply["result"]["billingAccount"] == {
        "id": account["id"],
        "href": account["href"],
        "name": "Account of Ada Byron",
        "@type": "BillingAccount",
    }
    assert account["state"] == "active"
    assert account["relatedParty"] == [a_customer("customer-1")]
    assert account["productOrder"]["id"] == task.payload["productOrder"]["id"]
    [event] = await billing.published("billing.billing-account.v1")
    assert event.headers["ce_customerid"] == "customer-1"
    assert event.headers["ce_correlationid"] == task.cause.correlation_id


async def test_two_orders_of_a_customer_in_one_batch_share_an_account(billing: Harness) -> None:
    first, second, other = (an_open_task(c) for c in ("customer-1", "customer-1", "customer-2"))

    replies = await _do(billing, first, second, other)

    ids = [reply["result"]["billingAccount"]["id"] for reply in replies]
    assert ids[0] == ids[1] != ids[2]
    assert len(await _accounts(billing)) == 2


async def test_two_orders_of_a_customer_at_once_share_an_account(billing: Harness) -> None:
    customers = [f"customer-{number}" for number in range(20)]
    batches = [
        task_messages(*(an_open_task(customer) for customer in order))
        for order in (customers, customers[::-1], customers[5:] + customers[:5], customers)
    ]

    await asyncio.gather(*(billing.deliver(*batch) for batch in batches))

    accounts = await _accounts(billing)
    assert sorted(a["relatedParty"][0]["id"] for a in accounts) == sorted(customers)
    replies = replies_in(await billing.published()).values()
    assert len(replies) == 80
    assert len({r["result"]["billingAccount"]["id"] for r in replies}) == 20


async def test_account_that_a_channel_opened_is_used(billing: Harness) -> None:
    body = {"name": "Family", "relatedParty": [a_customer("customer-1")]}
    posted = (await billing.client.post(ACCOUNTS, json=body)).json()

    [reply] = await _do(billing, an_open_task("customer-1"))

    assert reply["result"]["billingAccount"]["id"] == posted["id"]


async def test_account_named_on_the_order_is_used(billing: Harness) -> None:
    body = {"name": "Second", "relatedParty": [a_customer("customer-1")]}
    await _do(billing, an_open_task("customer-1"))
    named = (await billing.client.post(ACCOUNTS, json=body)).json()["id"]
    order = {"id": new_id(), "billingAccount": {"id": named}}
    items = [{"id": str(n), "action": "add", "billingAccount": {"id": named}} for n in (1, 2)]

    by_order, by_items = await _do(
        billing,
        an_open_task("customer-1", productOrder=order),
        an_open_task("customer-1", items=items),
    )

    assert by_order["result"]["billingAccount"]["id"] == named
    assert by_items["result"]["billingAccount"]["id"] == named


async def test_account_that_can_not_be_used_is_refused_with_the_reason(billing: Harness) -> None:
    body = {"name": "Closed", "relatedParty": [a_customer("customer-1")]}
    closed = (await billing.client.post(ACCOUNTS, json=body)).json()["id"]
    await billing.client.patch(f"{ACCOUNTS}/{closed}", json={"state": "closed"})
    body["relatedParty"] = [a_customer("customer-2")]
    others = (await billing.client.post(ACCOUNTS, json=body)).json()["id"]
    good = an_open_task("customer-1")

    *refused, done = await _do(
        billing,
        *(
            an_open_task("customer-1", productOrder={"id": new_id(), "billingAccount": {"id": i}})
            for i in ("nowhere", others, closed)
        ),
        an_open_task("", customerId=None, relatedParty=[{"id": "x", "role": "seller"}]),
        good,
    )

    assert [reply["outcome"] for reply in refused] == ["rejected"] * 4
    assert [reply["error"]["code"] for reply in refused] == [
        "billingAccountUnknown",
        "billingAccountOfAnother",
        "billingAccountClosed",
        "customerMissing",
    ]
    assert done["outcome"] == "done"


async def test_unreadable_payload_fails_its_task_alone(billing: Harness) -> None:
    broken = an_open_task("customer-1", productOrder=None)
    good = an_open_task("customer-1")

    replies = await _do(billing, broken, good)

    assert replies[0]["outcome"] == "failed"
    assert "productOrder" in replies[0]["error"]["message"]
    assert replies[1]["outcome"] == "done"


async def test_redelivered_open_is_done_once(billing: Harness) -> None:
    message = task_messages(an_open_task("customer-1"))

    await billing.deliver(*message)
    await billing.deliver(*message)

    assert len(await billing.published("billing.billing-account.v1")) == 1


async def test_undo_closes_the_account_its_order_opened(billing: Harness) -> None:
    task = an_open_task("customer-1")
    await _do(billing, task)

    [reply] = await _do(billing, an_undo(task))
    [again] = await _do(billing, an_undo(task))

    [account] = await _accounts(billing)
    assert reply["outcome"] == again["outcome"] == "done"
    assert account["state"] == "closed"
    [fresh] = await _do(billing, an_open_task("customer-1"))
    assert fresh["result"]["billingAccount"]["id"] != account["id"]


async def test_open_and_undo_in_one_batch_leave_a_closed_account(billing: Harness) -> None:
    first, second = an_open_task("customer-1"), an_open_task("customer-1")

    await billing.deliver(*task_messages(first, an_undo(first), second, an_undo(second)))

    assert {account["state"] for account in await _accounts(billing)} == {"closed"}
    assert len(replies_in(await billing.published())) == 4


async def test_undo_keeps_an_account_that_another_order_relies_on(billing: Harness) -> None:
    opener, other = an_open_task("customer-1"), an_open_task("customer-1")
    await _do(billing, opener)
    await _do(billing, other)

    await _do(billing, an_undo(opener))

    [account] = await _accounts(billing)
    assert account["state"] == "active"


async def test_undo_keeps_an_account_that_something_is_charged_on(billing: Harness) -> None:
    task = an_open_task("customer-1")
    [reply] = await _do(billing, task)
    account_id = reply["result"]["billingAccount"]["id"]
    await _do(billing, a_start_task(a_price(10), account_id=account_id))

    await _do(billing, an_undo(task))

    [account] = await _accounts(billing)
    assert account["state"] == "active"


async def test_undo_that_comes_before_its_task_prevents_it(billing: Harness) -> None:
    task = an_open_task("customer-1")

    [undone] = await _do(billing, an_undo(task))
    [late] = await _do(billing, task)

    assert undone["outcome"] == "done"
    assert late["outcome"] == "failed"
    assert await _accounts(billing) == []


async def test_throughput_of_open_and_start_is_shown(billing: Harness) -> None:
    opens = [an_open_task(f"customer-{number}") for number in range(200)]
    starts = [
        a_start_task(a_price(20), a_price(5, price_id="tv"), customer_id=f"customer-{number}")
        for number in range(200)
    ]
    for tasks in (opens, starts):
        messages = task_messages(*tasks)

        begun = time.perf_counter()
        await billing.deliver(*messages)
        took = time.perf_counter() - begun

        print(f"{tasks[0].type}: {len(tasks) / took:.0f}/s in a batch of {len(tasks)}")
    assert len(await billing.published("billing.charge.v1")) == 400
