"""Payments as a channel posts them, and the timers that come after."""

from typing import Any

from billing_svc.service import SERVICE
from dualbus_events.timers import TimerRunner

from tests.harness import Harness

PAYMENTS = "/tmf-api/paymentManagement/v4/payment"
ACCOUNTS = "/tmf-api/accountManagement/v4/billingAccount"


def a_payment(account_id: str, value: float, **more: Any) -> dict[str, Any]:
    """The least that TMF676 wants; `more` are further attributes."""
    return {
        "account": {"id": account_id},
        "paymentMethod": {"@type": "cash"},
        "totalAmount": {"unit": "USD", "value": value},
        **more,
    }


async def post_payment(
    billing: Harness, account_id: str, value: float, **more: Any
) -> dict[str, Any]:
    """Pay, without waiting for what comes of it."""
    answer = await billing.client.post(PAYMENTS, json=a_payment(account_id, value, **more))
    assert answer.status_code == 201, answer.text
    payment: dict[str, Any] = answer.json()
    return payment


async def pay(billing: Harness, account_id: str, value: float, **more: Any) -> dict[str, Any]:
    """Pay; the payment as its authorisation left it."""
    payment = await post_payment(billing, account_id, value, **more)
    await fire_timers(billing)
    return await found(billing, payment["href"])


async def fire_timers(billing: Harness) -> None:
    """What is due now, of every kind, in the order of the service."""
    for spec in SERVICE.timers:
        await TimerRunner(billing.database, kind=spec.kind, fire=spec.fire).fire_due()


async def found(billing: Harness, href: str) -> dict[str, Any]:
    resource: dict[str, Any] = (await billing.client.get(href)).json()
    return resource


async def credit_of(billing: Harness, account_id: str) -> dict[str, float]:
    """The account's credit by currency, as the account shows it."""
    account = await found(billing, f"{ACCOUNTS}/{account_id}")
    return {
        one["amount"]["unit"]: one["amount"]["value"]
        for one in account.get("accountBalance", [])
        if one["balanceType"] == "deposit"
    }
