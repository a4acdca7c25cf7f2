"""TMF676 payments: pending, then authorised or failed; bills settled once, oldest first."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from billing_svc.payment.settling import PAYMENT_TIMER, payments_due
from billing_svc.service import SERVICE
from dualbus_events.timers import TimerRunner
from dualbus_kit.ids import new_id

from tests.billing.bill_charges import BILLS, bill, bills_of, charge
from tests.billing.billing_tasks import a_price
from tests.billing.payments import (
    ACCOUNTS,
    PAYMENTS,
    a_payment,
    credit_of,
    fire_timers,
    found,
    pay,
    post_payment,
)
from tests.harness import Harness, running

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def billing(postgres_dsn: str) -> AsyncIterator[Harness]:
    """Every test has a customer of its own."""
    async with running(SERVICE, postgres_dsn) as harness:
        yield harness


@pytest_asyncio.fixture(loop_scope="module")
async def account_id(billing: Harness) -> str:
    """The account of a new customer who pays 30 dollars a month."""
    await billing.forget_published()
    return await charge(billing, f"customer-{new_id()}", a_price(30), product_id=new_id())


async def _two_bills(billing: Harness, account_id: str) -> list[str]:
    """The hrefs of bills over 30 each, older first."""
    for period in ("2026-02", "2026-03"):
        await bill(billing, period)
    bills = await bills_of(billing, **{"billingAccount.id": account_id, "sort": "billDate"})
    assert [one["amountDue"]["value"] for one in bills] == [30, 30]
    return [one["href"] for one in bills]


async def test_bare_payment_is_accepted_as_pending_and_authorised_later(
    billing: Harness, account_id: str
) -> None:
    posted = await post_payment(billing, account_id, 10, status="done", paymentDate=None)

    assert posted["status"] == "acknowledged"
    assert "paymentDate" not in posted
    await fire_timers(billing)
    payment = await found(billing, posted["href"])
    assert payment["status"] == "done"
    assert payment["paymentDate"] == payment["statusDate"]
    assert payment["paymentItem"] == []
    assert await credit_of(billing, account_id) == {"USD": 10}
    events = await billing.published("billing.payment.v1")
    assert [event.type for event in events] == ["PaymentCreateEvent", "PaymentStateChangeEvent"]
    customers = {event.headers["ce_customerid"] for event in events}
    assert customers == {payment["relatedParty"][0]["id"]}


async def test_tmf676_payment_of_an_amount_that_says_nothing_is_taken_and_fails_later(
    billing: Harness, account_id: str
) -> None:
    posted = await post_payment(billing, account_id, 10, totalAmount={})

    assert posted["status"] == "acknowledged"
    await fire_timers(billing)
    payment = await found(billing, posted["href"])
    assert (payment["status"], payment["totalAmount"]) == ("failed", {"unit": "XXX", "value": 0})
    assert await credit_of(billing, account_id) == {}


async def test_payment_settles_bills_oldest_first_and_the_rest_is_credit(
    billing: Harness, account_id: str
) -> None:
    older, newer = await _two_bills(billing, account_id)

    part = await pay(billing, account_id, 40)

    first, second = await found(billing, older), await found(billing, newer)
    assert (first["state"], first["remainingAmount"]["value"]) == ("settled", 0)
    assert (second["state"], second["remainingAmount"]["value"]) == ("partiallyPaid", 20)
    assert first["amountDue"]["value"] == second["amountDue"]["value"] == 30
    assert [(item["item"]["id"], item["totalAmount"]["value"]) for item in part["paymentItem"]] == [
        (first["id"], 30),
        (second["id"], 10),
    ]
    assert second["appliedPayment"][0]["payment"]["id"] == part["id"]
    assert second["appliedPayment"][0]["appliedAmount"] == {"unit": "USD", "value": 10}
    assert await credit_of(billing, account_id) == {}

    await pay(billing, account_id, 25.5)

    second = await found(billing, newer)
    assert (second["state"], second["remainingAmount"]["value"]) == ("settled", 0)
    assert [one["appliedAmount"]["value"] for one in second["appliedPayment"]] == [10, 20]
    assert await credit_of(billing, account_id) == {"USD": 5.5}


async def test_payment_settles_the_bill_it_names_before_older_ones(
    billing: Harness, account_id: str
) -> None:
    older, newer = await _two_bills(billing, account_id)
    wanted = {"item": {"id": newer.rpartition("/")[2]}}

    await pay(billing, account_id, 35, paymentItem=[wanted])

    assert (await found(billing, newer))["state"] == "settled"
    assert (await found(billing, older))["remainingAmount"]["value"] == 25


async def test_later_bill_run_uses_up_the_credit(billing: Harness, account_id: str) -> None:
    payment = await pay(billing, account_id, 100)

    await bill(billing, "2026-02")
    await fire_timers(billing)

    [issued] = await bills_of(billing, **{"billingAccount.id": account_id})
    assert (issued["state"], issued["remainingAmount"]["value"]) == ("settled", 0)
    assert (await found(billing, payment["href"]))["paymentItem"][0]["item"]["id"] == issued["id"]
    assert await credit_of(billing, account_id) == {"USD": 70}


async def test_bill_on_hold_is_not_paid_until_it_is_validated(
    billing: Harness, account_id: str
) -> None:
    await bill(billing, "2026-02")
    [issued] = await bills_of(billing, **{"billingAccount.id": account_id})
    path = f"{BILLS}/{issued['id']}"
    await billing.client.patch(path, json={"state": "onHold"})

    await pay(billing, account_id, 30)

    assert (await found(billing, path))["remainingAmount"]["value"] == 30
    assert await credit_of(billing, account_id) == {"USD": 30}
    await billing.client.patch(path, json={"state": "validated"})
    await fire_timers(billing)
    assert (await found(billing, path))["state"] == "settled"
    assert await credit_of(billing, account_id) == {}


@pytest.mark.parametrize(
    ("account", "value", "said"),
    [
        ("8250", 10, "account does not exist"),
        (None, 0, "not a positive amount"),
        (None, -5, "not a positive amount"),
        (None, 10.005, "whole cents"),
        (None, 1e12, "not below"),
    ],
)
async def test_payment_that_can_not_be_authorised_fails_and_says_why(
    billing: Harness, account_id: str, account: str | None, value: float, said: str
) -> None:
    await bill(billing, "2026-02")

    payment = await pay(billing, account or account_id, value)

    assert payment["status"] == "failed"
    assert said in payment["statusReason"]
    [issued] = await bills_of(billing, **{"billingAccount.id": account_id})
    assert issued["remainingAmount"]["value"] == 30
    assert await credit_of(billing, account_id) == {}


async def test_payment_in_another_currency_settles_nothing(
    billing: Harness, account_id: str
) -> None:
    await bill(billing, "2026-02")

    await pay(billing, account_id, 30, totalAmount={"unit": "EUR", "value": 30})

    [issued] = await bills_of(billing, **{"billingAccount.id": account_id})
    assert (issued["state"], issued["remainingAmount"]["value"]) == ("new", 30)
    assert await credit_of(billing, account_id) == {"EUR": 30}


async def test_same_correlator_is_the_same_payment_even_at_once(
    billing: Harness, account_id: str
) -> None:
    sent = a_payment(account_id, 10, correlatorId="receipt 7")

    answers = await asyncio.gather(*(billing.client.post(PAYMENTS, json=sent) for _ in range(4)))
    other = await billing.client.post(
        PAYMENTS, json=a_payment(account_id, 11, correlatorId="receipt 7")
    )
    await fire_timers(billing)

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert (other.status_code, other.json()["code"]) == (409, "correlatorIdReused")
    assert await credit_of(billing, account_id) == {"USD": 10}
    again = await billing.client.post(PAYMENTS, json=sent)
    assert again.json()["status"] == "done"


async def test_payments_at_once_settle_each_bill_once(billing: Harness, account_id: str) -> None:
    hrefs = await _two_bills(billing, account_id)
    payments = [await post_payment(billing, account_id, 11) for _ in range(8)]

    async def authorise(payment_id: str) -> None:
        async with billing.database.unit_of_work() as uow:
            await payments_due([payment_id], uow)

    await asyncio.gather(*(authorise(payment["id"]) for payment in payments * 2))

    bills = [await found(billing, href) for href in hrefs]
    applied = [
        (one["payment"]["id"], one["appliedAmount"]["value"])
        for issued in bills
        for one in issued["appliedPayment"]
    ]
    items = [
        (payment["id"], item["totalAmount"]["value"])
        for payment in [await found(billing, one["href"]) for one in payments]
        for item in payment["paymentItem"]
    ]
    assert [issued["state"] for issued in bills] == ["settled", "settled"]
    assert sum(amount for _, amount in applied) == 60
    assert sorted(applied) == sorted(items)
    assert await credit_of(billing, account_id) == {"USD": 28}


async def test_authorising_again_after_a_crash_does_nothing(
    billing: Harness, account_id: str
) -> None:
    await bill(billing, "2026-02")
    posted = await post_payment(billing, account_id, 50)

    async def crash(payment_ids: object, uow: object) -> None:
        await payments_due(payment_ids, uow)  # type: ignore[arg-type]
        raise RuntimeError("before the commit")

    with pytest.raises(RuntimeError):
        await TimerRunner(billing.database, kind=PAYMENT_TIMER, fire=crash).fire_due()
    assert (await found(billing, posted["href"]))["status"] == "acknowledged"
    await fire_timers(billing)
    await fire_timers(billing)

    assert await credit_of(billing, account_id) == {"USD": 20}


async def test_clients_can_not_write_an_accounts_credit(billing: Harness, account_id: str) -> None:
    loyalty = {
        "balanceType": "loyalty",
        "amount": {"unit": "USD", "value": 3},
        "validFor": {"startDateTime": "2026-01-01T00:00:00.000Z"},
    }
    await pay(billing, account_id, 10)

    answer = await billing.client.patch(
        f"{ACCOUNTS}/{account_id}",
        json={"accountBalance": [loyalty, {**loyalty, "balanceType": "deposit"}]},
    )

    balances = answer.json()["accountBalance"]
    assert balances[0] == loyalty
    assert await credit_of(billing, account_id) == {"USD": 10}


async def test_account_that_was_paid_on_is_not_deleted(billing: Harness) -> None:
    party = {"id": "42", "@referredType": "Organization"}
    body = {"name": "Prepaid", "relatedParty": [party]}
    opened = (await billing.client.post(ACCOUNTS, json=body)).json()
    await pay(billing, opened["id"], 10)

    answer = await billing.client.delete(opened["href"])

    assert (answer.status_code, answer.json()["code"]) == (409, "billingAccountInUse")
