"""The bill run: one bill per account and period, every line tied to its product and price."""

import asyncio
import time
from decimal import Decimal
from zoneinfo import ZoneInfo

import asyncpg
import pytest
from billing_svc.charge.document import Charge
from billing_svc.customer_bill import bill_run
from billing_svc.customer_bill.period import BillingPeriod
from billing_svc.service import SERVICE
from dualbus_kit.ids import new_id

from tests.billing.bill_charges import bill, bills_of, charge, rates_of
from tests.billing.billing_tasks import a_customer, a_price, a_stop_task
from tests.harness import Harness, running, task_messages


async def test_bill_has_a_line_per_charge_tied_to_product_and_price(billing: Harness) -> None:
    account_id = await charge(
        billing, "customer-1", a_price(29.85), a_price(10, price_id="tv"), product_id="product-1"
    )

    run = await bill(billing, "2026-12")

    [issued] = await bills_of(billing)
    lines = await rates_of(billing, issued["id"])
    assert (run["accounts"], run["bills"], run["rates"]) == (1, 1, 2)
    assert run["totals"] == [{"unit": "USD", "value": 39.85}]
    assert issued["amountDue"] == issued["remainingAmount"] == {"unit": "USD", "value": 39.85}
    assert issued["state"] == "new"
    (document,) = issued["billDocument"]
    assert (document["id"], document["url"]) == (issued["billNo"], issued["href"])
    assert issued["billNo"].startswith("2026-12-")
    assert issued["billingAccount"]["id"] == account_id
    assert issued["relatedParty"] == [a_customer("customer-1")]
    assert issued["billingPeriod"] == {
        "startDateTime": "2026-12-01T00:00:00.000Z",
        "endDateTime": "2027-01-01T00:00:00.000Z",
    }
    assert [line["taxIncludedAmount"]["value"] for line in lines] == [29.85, 10]
    assert {line["product"]["id"] for line in lines} == {"product-1"}
    assert [line["productOfferingPrice"]["id"] for line in lines] == ["fibre-monthly", "tv"]
    assert all(line["isBilled"] and line["bill"]["id"] == issued["id"] for line in lines)
    [event] = await billing.published("billing.customer-bill.v1")
    assert event.body["event"]["customerBill"] == issued
    assert event.headers["ce_customerid"] == "customer-1"
    assert len(await billing.published("billing.applied-customer-billing-rate.v1")) == 2


async def test_partial_month_is_billed_by_the_day(billing: Harness) -> None:
    await charge(billing, "customer-1", a_price(31), product_id="one")
    await charge(billing, "customer-1", a_price(62), product_id="two")
    await billing.deliver(*task_messages(a_stop_task("two", "2026-01-20T23:00:00.000Z")))

    await bill(billing, "2026-01")

    [issued] = await bills_of(billing)
    lines = await rates_of(billing, issued["id"])
    assert [line["taxIncludedAmount"]["value"] for line in lines] == [22, 20]
    assert [line["description"] for line in lines] == ["22 of 31 days", "10 of 31 days"]
    assert lines[1]["periodCoverage"] == {
        "startDateTime": "2026-01-10T00:00:00.000Z",
        "endDateTime": "2026-01-20T00:00:00.000Z",
    }
    assert issued["amountDue"]["value"] == 42


async def test_billing_twice_bills_once(billing: Harness) -> None:
    await charge(billing, "customer-1", a_price(10))
    await bill(billing, "2026-12")

    again = await bill(billing, "2026-12")

    assert (again["accounts"], again["bills"], again["alreadyBilled"]) == (0, 0, 1)
    assert len(await bills_of(billing)) == 1


async def test_second_run_bills_only_accounts_without_a_bill(billing: Harness) -> None:
    await charge(billing, "customer-1", a_price(10))
    await bill(billing, "2026-12")
    [before] = await bills_of(billing)
    await charge(billing, "customer-1", a_price(99, price_id="late"))
    await charge(billing, "customer-2", a_price(20))

    run = await bill(billing, "2026-12")

    assert (run["bills"], run["totals"]) == (1, [{"unit": "USD", "value": 20.0}])
    assert (await bills_of(billing, id=before["id"])) == [before]


async def test_runs_at_once_bill_each_account_once(
    billing: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bill_run, "CHUNK", 3)
    for number in range(10):
        await charge(billing, f"customer-{number}", a_price(10))

    runs = await asyncio.gather(*(bill(billing, "2026-12") for _ in range(4)))

    assert sum(run["bills"] for run in runs) == 10
    bills = await bills_of(billing)
    assert len({one["billingAccount"]["id"] for one in bills}) == len(bills) == 10
    assert len({one["billNo"] for one in bills}) == 10


async def test_run_after_a_crash_bills_the_rest(
    billing: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bill_run, "CHUNK", 2)
    accounts = [await charge(billing, f"customer-{n}", a_price(10)) for n in range(5)]
    # The database refuses the fourth account's bill: the run ends in the second chunk.
    fourth = sorted(accounts)[3]
    await billing.database.pool.execute(
        f"ALTER TABLE customer_bill ADD CONSTRAINT broken CHECK (account_id <> '{fourth}')"
    )
    december = BillingPeriod.parse("2026-12", ZoneInfo("UTC"))
    begun = await bill_run.begin_bill_run(billing.database, december, payment_days=14)

    with pytest.raises(asyncpg.CheckViolationError):
        async for _ in bill_run.run_bills(billing.database, begun):
            pass
    assert len(await bills_of(billing)) == 2
    await billing.database.pool.execute("ALTER TABLE customer_bill DROP CONSTRAINT broken")

    run = await bill(billing, "2026-12")

    assert (run["alreadyBilled"], run["bills"]) == (2, 3)
    bills = await bills_of(billing)
    assert sorted(one["billingAccount"]["id"] for one in bills) == sorted(accounts)
    assert len(await billing.published("billing.customer-bill.v1")) == 5


async def test_one_off_charge_is_billed_once(billing: Harness) -> None:
    setup = a_price(49.99, price_id="setup", price_type="oneTime")
    await charge(billing, "customer-1", a_price(31), setup)

    for period in ("2026-01", "2026-02"):
        await bill(billing, period)

    january, february = await bills_of(billing, sort="billNo")
    assert january["amountDue"]["value"] == 71.99
    assert february["amountDue"]["value"] == 31
    answer = await billing.client.get("/dualbus-api/customerBilling/v1/charge?priceType=oneTime")
    [settled] = answer.json()
    assert (settled["state"], settled["bill"]["id"]) == ("ended", january["id"])


async def test_what_began_later_or_ended_before_is_not_billed(billing: Harness) -> None:
    await charge(billing, "later", a_price(10), since="2026-02-01T00:00:00.000Z")
    await charge(billing, "ended", a_price(10), product_id="ended")
    await charge(billing, "sameday", a_price(10), product_id="sameday")
    await billing.deliver(
        *task_messages(
            a_stop_task("ended", "2026-01-31T10:00:00.000Z"),
            a_stop_task("sameday", "2026-01-10T20:00:00.000Z"),
        )
    )

    january, february = await bill(billing, "2026-01"), await bill(billing, "2026-02")

    assert (january["accounts"], january["bills"]) == (1, 1)
    assert (february["accounts"], february["bills"]) == (1, 1)


async def test_charges_in_two_currencies_are_billed_apart(billing: Harness) -> None:
    euro = a_price(5, price_id="roaming")
    euro["price"] = {"taxIncludedAmount": {"unit": "EUR", "value": 5}}
    await charge(billing, "customer-1", a_price(10), euro)

    run = await bill(billing, "2026-12")

    assert run["totals"] == [{"unit": "EUR", "value": 5.0}, {"unit": "USD", "value": 10.0}]
    assert len(await bills_of(billing)) == 2


async def test_day_of_activation_is_that_of_the_operators_time_zone(postgres_dsn: str) -> None:
    zone = {"time_zone": "Asia/Tokyo"}
    async with running(SERVICE, postgres_dsn, settings=zone) as billing:
        await charge(billing, "customer-1", a_price(31), since="2025-12-31T15:30:00.000Z")

        december, january = await bill(billing, "2025-12"), await bill(billing, "2026-01")

    assert december["bills"] == 0
    assert january["totals"] == [{"unit": "USD", "value": 31.0}]


async def test_wrong_period_is_refused_and_said_why(billing: Harness) -> None:
    for period, said in (("2026-13", "month 13"), ("soon", "YYYY-MM"), (None, "required")):
        answer = await billing.client.post("/ops/bill-run", json={"period": period})

        assert answer.status_code == 400
        assert said in answer.json()["detail"]


async def test_state_of_a_period_can_be_looked_at(billing: Harness) -> None:
    await charge(billing, "customer-1", a_price(10))
    before = (await billing.client.get("/ops/bill-run/2026-12")).json()
    await bill(billing, "2026-12")

    after = (await billing.client.get("/ops/bill-run/2026-12")).json()

    assert (before["bills"], before["accountsWithoutBill"]) == (0, 1)
    assert after == {
        "period": "2026-12",
        "bills": 1,
        "totals": [{"unit": "USD", "value": 10.0}],
        "accountsWithoutBill": 0,
    }


@pytest.mark.timeout(240)
async def test_seven_thousand_accounts_are_billed_exactly(billing: Harness) -> None:
    expected = await _many_charges(billing, accounts=7043, lines=29_202)
    begun = time.perf_counter()

    run = await bill(billing, "2026-12")

    print(f"7,043 bills with 29,202 lines in {time.perf_counter() - begun:.1f} s")
    assert (run["bills"], run["rates"]) == (7043, 29_202)
    [amount] = run["totals"]
    assert Decimal(str(amount["value"])) == expected
    stored = await billing.database.pool.fetchval("SELECT sum(total) FROM customer_bill")
    lines = await billing.database.pool.fetchval(
        "SELECT sum(charged_amount) FROM applied_customer_billing_rate"
    )
    assert stored == lines == expected


async def _many_charges(billing: Harness, *, accounts: int, lines: int) -> Decimal:
    """Charges straight into the table, so that only the run takes time; their sum."""
    expected, rows = Decimal(0), []
    for number in range(lines):
        amount = Decimal(number % 10_000) / 100 + 5
        expected += amount
        document = Charge.model_validate(
            {
                "id": new_id(),
                "name": "Fibre",
                "state": "active",
                "amount": {"unit": "USD", "value": amount},
                "startDate": "2026-11-05T10:00:00Z",
                "product": {"id": f"product-{number}"},
                "productOfferingPrice": {"id": "price"},
                "billingAccount": {"id": f"account-{number % accounts}"},
                "relatedParty": [a_customer(f"customer-{number % accounts}")],
            }
        )
        rows.append((document.id, document.to_bytes(), number, amount, document.start_date))
    columns = list(zip(*rows, strict=True))
    await billing.database.pool.execute(
        "INSERT INTO charge (id, version, body, account_id, product_id, price_key, state,"
        " recurring, void, charged_amount, start_date)"
        " SELECT id, 1, body, 'account-' || n % $6::int,"
        " 'product-' || n, 'price', 'active', true, false, amount, start FROM unnest($1::text[],"
        " $2::jsonb[], $3::int[], $4::numeric[], $5::timestamptz[]) t(id, body, n, amount, start)",
        *columns,
        accounts,
    )
    return expected
