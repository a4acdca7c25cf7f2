"""Charges on accounts, made by tasks as in life, and bill runs over them."""

from typing import Any

import orjson

from tests.billing.billing_tasks import a_start_task, an_open_task
from tests.harness import Harness, replies_in, task_messages

BILLS = "/tmf-api/customerBillManagement/v4/customerBill"
RATES = "/tmf-api/customerBillManagement/v4/appliedCustomerBillingRate"


async def charge(
    billing: Harness,
    customer_id: str,
    *prices: dict[str, Any],
    product_id: str | None = None,
    since: str = "2026-01-10T08:30:00.000Z",
) -> str:
    """Have prices charged on the customer's account; its id."""
    opening = an_open_task(customer_id)
    await billing.deliver(*task_messages(opening))
    reply = replies_in(await billing.published())[opening.task_id]
    account_id: str = reply["result"]["billingAccount"]["id"]
    start = a_start_task(
        *prices,
        customer_id=customer_id,
        account_id=account_id,
        product_id=product_id,
        activated_at=since,
    )
    await billing.deliver(*task_messages(start))
    return account_id


async def bill(billing: Harness, period: str) -> dict[str, Any]:
    """Run the bills of a period; the last line of the answer."""
    answer = await billing.client.post("/ops/bill-run", json={"period": period})
    assert answer.status_code == 200, answer.text
    lines = [orjson.loads(line) for line in answer.content.splitlines()]
    assert [line["state"] for line in lines[:-1]] == ["inProgress"] * (len(lines) - 1)
    assert lines[-1]["state"] == "done"
    last: dict[str, Any] = lines[-1]
    return last


async def bills_of(billing: Harness, **filters: str) -> list[dict[str, Any]]:
    bills: list[dict[str, Any]] = (await billing.client.get(BILLS, params=filters)).json()
    return bills


async def rates_of(billing: Harness, bill_id: str) -> list[dict[str, Any]]:
    answer = await billing.client.get(RATES, params={"bill.id": bill_id})
    rates: list[dict[str, Any]] = answer.json()
    return rates
