"""TMF676 refunds: never more than was paid; credit first, then bills are opened again."""

import asyncio
import random
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from billing_svc.refund.refunding import refunds_due
from billing_svc.service import SERVICE
from dualbus_kit.ids import new_id

from tests.billing.bill_charges import bill, bills_of, charge
from tests.billing.billing_tasks import a_price
from tests.billing.payments import (
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
REFUNDS = "/tmf-api/paymentManagement/v4/refund"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def billing(postgres_dsn: str) -> AsyncIterator[Harness]:
    """Every test has a customer of its own."""
    async with running(SERVICE, postgres_dsn) as harness:
        yield harness


@pytest_asyncio.fixture(loop_scope="module")
async def account_id(billing: Harness) -> str:
    """The account of a new customer, with bills over 30 dollars each for February and March."""
    account_id = await charge(billing, new_id(), a_price(30), product_id=new_id())
    for period in ("2026-02", "2026-03"):
        await bill(billing, period)
    return account_id


async def _post(billing: Harness, account_id: str, value: float, **more: Any) -> dict[str, Any]:
    answer = await billing.client.post(REFUNDS, json=a_payment(account_id, value, **more))
    assert answer.status_code == 201, answer.text
    refund: dict[str, Any] = answer.json()
    return refund


async def _refund(billing: Harness, account_id: str, value: float, **more: Any) -> dict[str, Any]:
    """Refund; the refund as its own step left it."""
    refund = await _post(billing, account_id, value, **more)
    assert refund["status"] == "acknowledged"
    await fire_timers(billing)
    return await found(billing, refund["href"])


async def _bills(billing: Harness, account_id: str) -> list[dict[str, Any]]:
    return await bills_of(billing, **{"billingAccount.id": account_id, "sort": "billDate"})


async def _states(billing: Harness, account_id: str) -> list[tuple[str, float]]:
    """Of the bills, older first: state, and what remains to be paid."""
    bills = await _bills(billing, account_id)
    return [(one["state"], one["remainingAmount"]["value"]) for one in bills]


async def test_refund_takes_credit_before_it_opens_a_bill(
    billing: Harness, account_id: str
) -> None:
    payment = await pay(billing, account_id, 70)
    await billing.forget_published()

    refund = await _refund(billing, account_id, 10)

    assert (refund["status"], refund["refundDate"]) == ("done", refund["statusDate"])
    assert refund["refundItem"] == [
        {
            "payment": {
                "id": payment["id"],
                "href": payment["href"],
                "@referredType": "Payment",
            },
            "totalAmount": {"unit": "USD", "value": 10},
        }
    ]
    assert await credit_of(billing, account_id) == {}
    assert await _states(billing, account_id) == [("settled", 0), ("settled", 0)]
    assert (await found(billing, payment["href"]))["refundedAmount"]["value"] == 10
    events = await billing.published("billing.refund.v1")
    assert [event.type for event in events] == ["RefundCreateEvent", "RefundStateChangeEvent"]


async def test_bill_that_was_settled_last_is_opened_first(
    billing: Harness, account_id: str
) -> None:
    await pay(billing, account_id, 60)

    await _refund(billing, account_id, 20)

    assert await _states(billing, account_id) == [("settled", 0), ("partiallyPaid", 20)]
    await _refund(billing, account_id, 15)
    assert await _states(billing, account_id) == [("partiallyPaid", 5), ("sent", 30)]
    assert (await _bills(billing, account_id))[1]["appliedPayment"] == []
    await pay(billing, account_id, 35)
    assert await _states(billing, account_id) == [("settled", 0), ("settled", 0)]


async def test_refund_of_a_payment_takes_from_it_and_other_credit_settles_again(
    billing: Harness, account_id: str
) -> None:
    first = await pay(billing, account_id, 60)
    await pay(billing, account_id, 45)

    refund = await _refund(billing, account_id, 60, payment={"id": first["id"]})

    assert refund["status"] == "done"
    assert {item["payment"]["id"] for item in refund["refundItem"]} == {first["id"]}
    assert await _states(billing, account_id) == [("settled", 0), ("partiallyPaid", 15)]
    assert await credit_of(billing, account_id) == {}
    assert (await found(billing, first["href"]))["paymentItem"] == []


@pytest.mark.parametrize(
    ("value", "more", "said"),
    [
        (50.01, {}, "more than was paid"),
        (10, {"totalAmount": {"unit": "EUR", "value": 10}}, "more than was paid"),
        (10, {"payment": {"id": "8250"}}, "no payment 8250"),
        (10, {"account": {"id": "8250"}}, "account does not exist"),
        (0, {}, "not a positive amount"),
        (1.001, {}, "whole cents"),
    ],
)
async def test_refund_that_can_not_be_given_fails_and_says_why(
    billing: Harness, account_id: str, value: float, more: dict[str, Any], said: str
) -> None:
    await pay(billing, account_id, 50)
    before = await _bills(billing, account_id)

    refund = await _refund(billing, account_id, value, **more)

    assert refund["status"] == "failed"
    assert said in refund["statusReason"]
    assert await _bills(billing, account_id) == before


async def test_payment_of_another_account_is_not_given_back(
    billing: Harness, account_id: str
) -> None:
    other = await charge(billing, new_id(), a_price(5), product_id=new_id())
    payment = await pay(billing, other, 50)
    await pay(billing, account_id, 50)

    refund = await _refund(billing, account_id, 10, payment={"id": payment["id"]})

    assert refund["status"] == "failed"
    assert "was made on the account" in refund["statusReason"]


async def test_refund_of_a_pending_payment_waits_for_it(billing: Harness, account_id: str) -> None:
    payment = await post_payment(billing, account_id, 10)
    refund = await _post(billing, account_id, 10, payment={"id": payment["id"]})

    async with billing.database.unit_of_work() as uow:
        await refunds_due([refund["id"]], uow)

    assert (await found(billing, refund["href"]))["status"] == "acknowledged"
    await fire_timers(billing)
    async with billing.database.unit_of_work() as uow:
        await refunds_due([refund["id"]], uow)
    assert (await found(billing, refund["href"]))["status"] == "done"
    assert await _states(billing, account_id) == [("sent", 30), ("new", 30)]


async def test_same_correlator_is_given_back_once(billing: Harness, account_id: str) -> None:
    await pay(billing, account_id, 80)

    first = await _post(billing, account_id, 10, correlatorId="complaint 7")
    again = await _refund(billing, account_id, 10, correlatorId="complaint 7")

    assert first["id"] == again["id"]
    assert await credit_of(billing, account_id) == {"USD": 10}


async def test_refunds_at_once_never_give_more_than_was_paid(
    billing: Harness, account_id: str
) -> None:
    await pay(billing, account_id, 65)
    refunds = [await _post(billing, account_id, 20) for _ in range(5)]

    async def give(refund_id: str) -> None:
        async with billing.database.unit_of_work() as uow:
            await refunds_due([refund_id], uow)

    await asyncio.gather(*(give(refund["id"]) for refund in refunds * 2))

    given = [await found(billing, refund["href"]) for refund in refunds]
    assert sorted(one["status"] for one in given) == ["done"] * 3 + ["failed"] * 2
    remaining = sum(left for _, left in await _states(billing, account_id))
    assert remaining == 55


async def test_any_sequence_of_payments_and_refunds_keeps_the_books(
    billing: Harness, account_id: str
) -> None:
    dice = random.Random(11)
    payments: list[dict[str, Any]] = []
    periods = iter(f"2026-{month:02}" for month in range(4, 8))
    for _ in range(12):
        cents = dice.randint(1, 6000) / 100
        move = dice.choice(["pay", "pay", "refund", "refund one", "bill"])
        if move == "pay":
            payments.append(await pay(billing, account_id, cents))
        elif move == "bill" and (period := next(periods, None)):
            await bill(billing, period)
            await fire_timers(billing)
        else:
            named = {"payment": {"id": dice.choice(payments)["id"]}} if payments else {}
            await _refund(billing, account_id, cents, **(named if move == "refund one" else {}))

    await _assert_books_are_right(billing, account_id)


def _cents(money: dict[str, Any] | None) -> int:
    return round(money["value"] * 100) if money else 0


async def _assert_books_are_right(billing: Harness, account_id: str) -> None:
    """Nothing is made or lost, payments and bills say the same, and no credit lies beside debt."""
    query = {"account.id": account_id, "status": "done"}
    payments = (await billing.client.get(PAYMENTS, params=query)).json()
    refunds = (await billing.client.get(REFUNDS, params=query)).json()
    bills = await _bills(billing, account_id)
    given = {
        (payment["id"], item["item"]["id"]): _cents(item["totalAmount"])
        for payment in payments
        for item in payment["paymentItem"]
    }
    applied = {
        (one["payment"]["id"], issued["id"]): _cents(one["appliedAmount"])
        for issued in bills
        for one in issued.get("appliedPayment", [])
    }
    assert given == applied
    for issued in bills:
        paid = sum(amount for (_, bill_id), amount in applied.items() if bill_id == issued["id"])
        assert _cents(issued["amountDue"]) == _cents(issued["remainingAmount"]) + paid
    back = sum(_cents(payment.get("refundedAmount")) for payment in payments)
    assert back == sum(_cents(refund["totalAmount"]) for refund in refunds)
    credit = sum(_cents(p["totalAmount"]) for p in payments) - back - sum(given.values())
    shown = await credit_of(billing, account_id)
    assert credit == round(100 * shown.get("USD", 0))
    assert credit == 0 or all(_cents(issued["remainingAmount"]) == 0 for issued in bills)
