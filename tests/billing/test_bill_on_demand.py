"""TMF678 customerBillOnDemand: a bill now for what no bill has, and runs that bill the rest."""

import asyncio
import random
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import orjson
import pytest
import pytest_asyncio
from billing_svc.customer_bill_on_demand.aggregate import CustomerBillOnDemand
from billing_svc.customer_bill_on_demand.use_cases import Now, bill_on_demand
from billing_svc.service import SERVICE
from dualbus_events.contract.billing import CustomerBillOnDemand as CustomerBillOnDemandDocument
from dualbus_kit.clock import timestamp, utc_now
from dualbus_kit.ids import new_id

from tests.billing.bill_charges import bill, bills_of, charge, rates_of
from tests.billing.billing_tasks import a_customer, a_price, a_stop_task
from tests.billing.payments import fire_timers, found, pay
from tests.harness import Harness, running, task_messages

pytestmark = pytest.mark.asyncio(loop_scope="module")
ON_DEMAND = "/tmf-api/customerBillManagement/v4/customerBillOnDemand"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def billing(postgres_dsn: str) -> AsyncIterator[Harness]:
    """Every test has a customer of its own."""
    async with running(SERVICE, postgres_dsn) as harness:
        yield harness


async def _demand(billing: Harness, account_id: str, day: str) -> CustomerBillOnDemand:
    """A bill on demand at noon of a day, as the endpoint makes it."""
    moment = datetime.fromisoformat(f"{day}T12:00:00Z")
    document = CustomerBillOnDemandDocument.model_validate(
        {"id": new_id(), "billingAccount": {"id": account_id}}
    )
    async with billing.database.unit_of_work() as uow:
        request = CustomerBillOnDemand.accept(document)
        await bill_on_demand(uow, request, Now(moment, ZoneInfo("UTC"), payment_days=14))
        uow.add(request)
    return request


async def _post(billing: Harness, body: dict[str, Any], **headers: str) -> dict[str, Any]:
    answer = await billing.client.post(ON_DEMAND, json=body, headers=headers)
    assert answer.status_code == 201, answer.text
    request: dict[str, Any] = answer.json()
    return request


async def _bills(billing: Harness, account_id: str) -> list[dict[str, Any]]:
    return await bills_of(billing, **{"billingAccount.id": account_id, "sort": "billNo"})


def _due(bills: list[dict[str, Any]]) -> list[float]:
    return [one["amountDue"]["value"] for one in bills]


async def test_bill_has_the_days_up_to_today_and_the_runs_bill_the_rest(billing: Harness) -> None:
    account_id = await charge(billing, new_id(), a_price(10), product_id=new_id())

    request = await _demand(billing, account_id, "2026-02-12")

    [demanded] = await _bills(billing, account_id)
    assert request.document.state == "done"
    assert request.document.customer_bill
    assert request.document.customer_bill.id == demanded["id"]
    assert (demanded["runType"], demanded["category"]) == ("offCycle", "interim")
    assert demanded["billingPeriod"] == {
        "startDateTime": "2026-01-10T00:00:00.000Z",
        "endDateTime": "2026-02-12T00:00:00.000Z",
    }
    rates = await rates_of(billing, demanded["id"])
    assert [rate["description"] for rate in rates] == ["22 of 31 days", "11 of 28 days"]
    assert [rate["taxIncludedAmount"]["value"] for rate in rates] == [7.1, 3.93]
    january, february = await bill(billing, "2026-01"), await bill(billing, "2026-02")
    assert (january["accounts"], january["bills"]) == (0, 0)
    assert (february["accounts"], february["bills"]) == (1, 1)
    rest = (await _bills(billing, account_id))[-1]
    assert (rest["runType"], rest["amountDue"]["value"]) == ("onCycle", 6.07)
    [rate] = await rates_of(billing, rest["id"])
    assert rate["periodCoverage"]["startDateTime"] == "2026-02-12T00:00:00.000Z"
    state = (await billing.client.get("/ops/bill-run/2026-02")).json()
    assert (state["bills"], state["accountsWithoutBill"]) == (1, 0)


async def test_second_demand_of_a_day_finds_nothing(billing: Harness) -> None:
    setup = a_price(49.99, price_id="setup", price_type="oneTime")
    account_id = await charge(billing, new_id(), a_price(10), setup, product_id=new_id())

    await _demand(billing, account_id, "2026-01-10")
    again = await _demand(billing, account_id, "2026-01-10")

    assert _due(await _bills(billing, account_id)) == [49.99]
    assert again.document.state == "rejected"
    assert "nothing is to be billed" in str(again.document.state_reason)


async def test_charge_that_a_run_came_too_early_for_is_billed_on_demand(billing: Harness) -> None:
    customer_id, product_id = new_id(), new_id()
    account_id = await charge(billing, customer_id, a_price(30), product_id=product_id)
    await bill(billing, "2026-03")
    await charge(billing, customer_id, a_price(62, price_id="late"), product_id=product_id)

    await _demand(billing, account_id, "2026-04-01")

    due = {one["runType"]: one["amountDue"]["value"] for one in await _bills(billing, account_id)}
    # January's 22 days and February, of both; March of the late one only.
    assert due == {"onCycle": 30, "offCycle": 21.29 + 30 + 44 + 62 + 62}


async def test_posted_request_is_done_with_its_bill_in_the_same_answer(billing: Harness) -> None:
    customer_id = new_id()
    since = timestamp(utc_now() - timedelta(days=3))
    account_id = await charge(billing, customer_id, a_price(30), product_id=new_id(), since=since)
    await billing.forget_published()

    request = await _post(
        billing,
        {"billingAccount": {"id": account_id}, "state": "rejected", "name": "before I move"},
    )

    assert (request["state"], request["name"]) == ("done", "before I move")
    assert request["relatedParty"] == a_customer(customer_id)
    [made] = await _bills(billing, account_id)
    assert request["customerBill"]["id"] == made["id"]
    assert request["customerBill"]["href"] == made["href"]
    assert await found(billing, request["href"]) == request
    events = await billing.published("billing.customer-bill-on-demand.v1")
    assert [(e.type, e.headers.get("ce_customerid")) for e in events] == [
        ("CustomerBillOnDemandCreateEvent", customer_id),
        ("CustomerBillOnDemandStateChangeEvent", customer_id),
    ]


async def test_customers_request_bills_every_account_and_currency(billing: Harness) -> None:
    customer_id = new_id()
    euro = a_price(31, price_id="roaming", price_type="oneTime")
    euro["price"] = {"taxIncludedAmount": {"unit": "EUR", "value": 31}}
    account_id = await charge(billing, customer_id, a_price(10), euro, product_id=new_id())

    request = await _post(billing, {"relatedParty": {"id": customer_id}})

    made = [request["customerBill"], *request["furtherCustomerBill"]]
    issued = await _bills(billing, account_id)
    assert sorted(one["id"] for one in made) == sorted(one["id"] for one in issued)
    assert {one["amountDue"]["unit"] for one in issued} == {"EUR", "USD"}


async def test_request_for_nobody_is_refused_and_for_an_unknown_account_rejected(
    billing: Harness,
) -> None:
    nobody = await billing.client.post(ON_DEMAND, json={"name": "soon"})
    unknown = await _post(billing, {"billingAccount": {"id": "8250"}})

    assert nobody.status_code == 400
    assert "billingAccount or relatedParty" in nobody.json()["detail"]
    assert unknown["state"] == "rejected"
    assert "no such billing account" in unknown["stateReason"]
    assert "customerBill" not in unknown


async def test_requests_and_runs_at_once_bill_each_day_once(billing: Harness) -> None:
    account_id = await charge(billing, new_id(), a_price(31), product_id=new_id())
    body = {"billingAccount": {"id": account_id}}

    key = {"Idempotency-Key": new_id()}
    runs = asyncio.gather(*(bill(billing, f"2026-0{month}") for month in (1, 2, 3)))
    requests = await asyncio.gather(
        *(_post(billing, body, **key) for _ in range(3)), _post(billing, body)
    )
    await runs

    assert len({request["id"] for request in requests}) == 2
    await _assert_billed_once(billing, account_id)
    january = await billing.database.pool.fetchval(
        "SELECT sum(charged_amount) FROM applied_customer_billing_rate WHERE account_id = $1"
        " AND body #>> '{periodCoverage,startDateTime}' < '2026-02'",
        account_id,
    )
    assert january == 22


async def test_any_sequence_of_bills_sums_up_to_what_the_months_cost(billing: Harness) -> None:
    dice = random.Random(7)
    product_id = new_id()
    account_id = await charge(
        billing,
        new_id(),
        a_price(29.99),
        a_price(7.77, price_id="tv"),
        a_price(49, price_id="setup", price_type="oneTime"),
        product_id=product_id,
    )
    await billing.deliver(*task_messages(a_stop_task(product_id, "2026-05-20T10:00:00.000Z")))
    steps = [f"2026-{dice.randint(1, 5):02}-{dice.randint(1, 28):02}" for _ in range(10)]
    steps += [f"2026-{month:02}" for month in range(1, 6)]
    dice.shuffle(steps)

    for step in steps:
        if len(step) == 7:
            await bill(billing, step)
        else:
            await _demand(billing, account_id, step)
    await _demand(billing, account_id, "2026-06-01")

    await _assert_billed_once(billing, account_id)
    total = sum(round(100 * value) for value in _due(await _bills(billing, account_id)))
    # 22 of 31 days, three months, 19 of 31 days; each rounded once.
    assert total == (2128 + 551) + 3 * (2999 + 777) + (1838 + 476) + 4900


async def test_credit_pays_a_bill_on_demand(billing: Harness) -> None:
    account_id = await charge(billing, new_id(), a_price(31), product_id=new_id())
    await pay(billing, account_id, 100)

    await _demand(billing, account_id, "2026-02-01")
    await fire_timers(billing)

    [issued] = await _bills(billing, account_id)
    assert (issued["state"], issued["amountDue"]["value"]) == ("settled", 22)


async def _assert_billed_once(billing: Harness, account_id: str) -> None:
    """No two lines of one charge share a moment."""
    rows = await billing.database.pool.fetch(
        "SELECT body #>> '{charge,id}' AS charge, body -> 'periodCoverage' AS covers"
        " FROM applied_customer_billing_rate WHERE account_id = $1",
        account_id,
    )
    covered = sorted(
        (row["charge"], covers["startDateTime"], covers["endDateTime"])
        for row in rows
        for covers in [orjson.loads(row["covers"])]
    )
    assert covered
    for (charge_id, _, after), (following, first, _) in pairwise(covered):
        assert charge_id != following or after <= first
