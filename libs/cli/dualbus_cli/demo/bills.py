"""Runs the bill of the next month, and reads what the run's customers owe."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

import httpx

from dualbus_cli.demo.channels import TakenOrder
from dualbus_cli.demo.patience import patiently

_BILL_PATH: Final = "/tmf-api/customerBillManagement/v4/customerBill"
_CUSTOMERS_AT_ONCE: Final = 40


class BillRunFailed(RuntimeError):
    """The bill run did not come to its end; the message has the last answer."""


@dataclass(frozen=True)
class BillCheck:
    """Bills of one group of customers against what they must come to."""

    bills: int
    customers: int
    total: Decimal
    expected: Decimal
    wrong: Sequence[tuple[str, Decimal | None, Decimal]]
    """(customer, billed or None, expected) where the two differ."""


def next_month(today: date) -> str:
    """`2026-12` in November 2026: the first month that everything of today is charged in full."""
    year, month = divmod(today.year * 12 + today.month, 12)
    return f"{year:04d}-{month + 1:02d}"


async def run_bills(url: str, period: str) -> None:
    """Bill a period. Raises BillRunFailed."""
    async with httpx.AsyncClient(timeout=600) as client:
        answer = await client.post(f"{url}/ops/bill-run", json={"period": period})
    lines = answer.text.splitlines()
    if answer.is_error or not lines or not json.loads(lines[-1]).get("done"):
        raise BillRunFailed(f"{answer.status_code}: {lines[-1] if lines else 'no answer'}")


async def bills_of(url: str, period: str, customers: Sequence[str]) -> dict[str, list[Decimal]]:
    """The amounts of the customers' bills of a period, as billing-svc shows them."""
    amounts: dict[str, list[Decimal]] = defaultdict(list)
    async with httpx.AsyncClient(timeout=60) as client:
        for first in range(0, len(customers), _CUSTOMERS_AT_ONCE):
            chunk = customers[first : first + _CUSTOMERS_AT_ONCE]
            parameters = {"relatedParty.id": ",".join(chunk), "limit": "1000"}
            answer = await _read(client, url + _BILL_PATH, parameters)
            for bill in json.loads(answer.raise_for_status().content, parse_float=Decimal):
                if bill["billingPeriod"]["startDateTime"].startswith(period):
                    [customer] = [p["id"] for p in bill["relatedParty"] if p["role"] == "customer"]
                    amounts[customer].append(Decimal(bill["amountDue"]["value"]))
    return amounts


async def _read(
    client: httpx.AsyncClient, url: str, parameters: Mapping[str, str]
) -> httpx.Response:
    return await patiently(lambda: client.get(url, params=parameters))


def check_bills(
    orders: Sequence[TakenOrder], amounts: Mapping[str, Sequence[Decimal]]
) -> BillCheck:
    """Each customer whose order completes has one bill of what it costs a month; others none."""
    expected = {o.plan.customer_id: o.plan.monthly for o in orders if o.plan.fate == "completed"}
    billed = {order.plan.customer_id: amounts.get(order.plan.customer_id, ()) for order in orders}
    wrong = [
        (customer, sum(found, Decimal(0)) if found else None, expected.get(customer, Decimal(0)))
        for customer, found in billed.items()
        if list(found) != ([expected[customer]] if customer in expected else [])
    ]
    return BillCheck(
        bills=sum(len(found) for found in billed.values()),
        customers=len(expected),
        total=sum((amount for found in billed.values() for amount in found), Decimal(0)),
        expected=sum(expected.values(), Decimal(0)),
        wrong=wrong,
    )
