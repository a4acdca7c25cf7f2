"""The only SQL on bills and their lines, and on what is to be billed."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from dualbus_events.contract.billing import CustomerBill as CustomerBillDocument
from dualbus_events.document import customer_of
from dualbus_events.repository import Repository
from dualbus_kit.database import Connection

from billing_svc import tables
from billing_svc.billing_account.document import BillingAccount
from billing_svc.charge.document import Charge
from billing_svc.customer_bill.aggregate import AppliedCustomerBillingRate, CustomerBill
from billing_svc.customer_bill.errors import (
    AppliedCustomerBillingRateNotFound,
    CustomerBillNotFound,
)
from billing_svc.customer_bill.issuing import Billed, Line
from billing_svc.customer_bill.period import BillingPeriod

BilledSoFar = dict[tuple[str, str], Billed]
"""By the ids of charges and the names of periods."""

_BILL_RUN = 7_264_103
# The days that `line_of` leaves, in SQL: $1 and $2 bound the period, $3 is the time zone, $4 the
# period's name.
_DUE = """
NOT void AND (start_date AT TIME ZONE $3)::date < $2::date
AND CASE WHEN recurring
    THEN LEAST((end_date AT TIME ZONE $3)::date, $2::date) >
         GREATEST((start_date AT TIME ZONE $3)::date, $1::date, demanded.until)
    ELSE state = 'active' END
"""
_DEMANDED = "LEFT JOIN billed_on_demand demanded ON charge_id = charge.id AND period = $4"
_UNBILLED = f"""
FROM charge {_DEMANDED} WHERE {_DUE} AND account_id > $5 AND NOT EXISTS
  (SELECT FROM customer_bill b
   WHERE b.account_id = charge.account_id AND b.period = $4 AND b.run_type = 'onCycle')
"""
_COUNT = f"SELECT count(DISTINCT account_id) {_UNBILLED}"
_NEXT = f"SELECT DISTINCT account_id {_UNBILLED} ORDER BY account_id LIMIT $6"
# Joined to a set, not compared with an array: that keeps to the index however large the table.
_CHARGES = f"""
SELECT body, demanded.until, demanded.amount
FROM unnest($5::text[]) account(account_id) JOIN charge USING (account_id) {_DEMANDED}
WHERE {_DUE} ORDER BY account_id, charge.id
"""  # noqa: S608 - the code's own condition
_STARTED = """
SELECT body FROM charge WHERE account_id = ANY($1::text[]) AND NOT void
AND (start_date AT TIME ZONE $3)::date <= $2::date AND (recurring OR state = 'active')
ORDER BY account_id, id
"""
_RATES = """
SELECT body #>> '{charge,id}' AS charge_id, charged_amount,
       (body #>> '{periodCoverage,startDateTime}')::timestamptz AS first,
       (body #>> '{periodCoverage,endDateTime}')::timestamptz AS after
FROM applied_customer_billing_rate WHERE account_id = ANY($1::text[])
"""
_DEMAND = """
INSERT INTO billed_on_demand (period, charge_id, until, amount)
SELECT * FROM unnest($1::text[], $2::text[], $3::date[], $4::numeric[])
ON CONFLICT (period, charge_id) DO UPDATE SET until = excluded.until, amount = excluded.amount
"""
_SUMMARY = """
SELECT currency, count(*) AS bills, sum(total) AS total
FROM customer_bill WHERE period = $1 AND run_type = 'onCycle' GROUP BY currency ORDER BY currency
"""


def period_of(document: CustomerBillDocument) -> str:
    """The period's name, which is how the bill's number begins."""
    return document.bill_no.rpartition("-")[0]


class CustomerBills(Repository[CustomerBill]):
    aggregate = CustomerBill
    table = tables.customer_bill
    columns: ClassVar[Mapping[str, Callable[[Any], object]]] = {
        "customer_id": lambda document: customer_of(document.related_party),
        "account_id": lambda document: document.billing_account.id,
        "period": period_of,
        "currency": lambda document: document.amount_due.unit,
        "bill_no": lambda document: document.bill_no,
        "bill_date": lambda document: document.bill_date,
        "state": lambda document: document.state,
        "run_type": lambda document: document.run_type,
        "total": lambda document: document.amount_due.value,
    }
    not_found = CustomerBillNotFound


class AppliedCustomerBillingRates(Repository[AppliedCustomerBillingRate]):
    aggregate = AppliedCustomerBillingRate
    table = tables.applied_customer_billing_rate
    columns: ClassVar[Mapping[str, Callable[[Any], object]]] = {
        "bill_id": lambda document: document.bill.id,
        "account_id": lambda document: document.billing_account.id,
        "product_id": lambda document: document.product.id,
        "charged_amount": lambda document: document.tax_included_amount.value,
    }
    not_found = AppliedCustomerBillingRateNotFound


async def take_turn(connection: Connection) -> None:
    """Until the end of the transaction no other bill run, of any period, issues bills."""
    await connection.execute("SELECT pg_advisory_xact_lock($1)", _BILL_RUN)


def _bounds(period: BillingPeriod) -> tuple[object, object, object]:
    return period.whole.first, period.whole.after, period.zone.key


async def accounts_to_bill(
    connection: Connection, period: BillingPeriod, *, after: str, limit: int
) -> list[str]:
    """The next accounts, by id, that something is due on and that have no bill for the period."""
    bounds = _bounds(period)
    rows = await connection.fetch(_NEXT, *bounds, period.name, after, limit)
    return [row["account_id"] for row in rows]


async def count_accounts_to_bill(connection: Connection, period: BillingPeriod) -> int:
    return int(await connection.fetchval(_COUNT, *_bounds(period), period.name, ""))


async def charges_due(
    connection: Connection, period: BillingPeriod, account_ids: Sequence[str]
) -> list[tuple[Charge, Billed | None]]:
    """What is due on these accounts in the period, by account and in the order of creation.

    Each with what bills on demand have of it already.
    """
    rows = await connection.fetch(_CHARGES, *_bounds(period), period.name, list(account_ids))
    return [
        (
            Charge.from_bytes(row["body"]),
            None if row["until"] is None else Billed(row["until"], row["amount"]),
        )
        for row in rows
    ]


async def charges_started(
    connection: Connection, account_ids: Sequence[str], *, today: date, zone: ZoneInfo
) -> list[Charge]:
    """What something may be unbilled of, up to today: by account, in the order of creation."""
    rows = await connection.fetch(_STARTED, list(account_ids), today, zone.key)
    return [Charge.from_bytes(row["body"]) for row in rows]


async def billed_so_far(
    connection: Connection, account_ids: Sequence[str], zone: ZoneInfo
) -> BilledSoFar:
    """What bills of either kind have of the charges of these accounts, by charge and period."""
    billed: BilledSoFar = {}
    for row in await connection.fetch(_RATES, list(account_ids)):
        first, after = (row[name].astimezone(zone).date() for name in ("first", "after"))
        key = row["charge_id"], BillingPeriod.containing(first, zone).name
        before = billed.get(key, Billed(after, Decimal(0)))
        billed[key] = Billed(max(before.until, after), before.amount + row["charged_amount"])
    return billed


async def keep_billed_on_demand(connection: Connection, lines: Sequence[tuple[str, Line]]) -> None:
    """Have the run of each line's period (its name comes first) bill only what is left."""
    kept = [(period, line.charge.id, line.billed) for period, line in lines if line.billed]
    await connection.execute(
        _DEMAND,
        [period for period, _, _ in kept],
        [charge_id for _, charge_id, _ in kept],
        [billed.until for _, _, billed in kept],
        [billed.amount for _, _, billed in kept],
    )


async def accounts(connection: Connection, account_ids: Sequence[str]) -> dict[str, BillingAccount]:
    """The accounts as they are now: who pays may have changed since the charge began.

    They stay so until the end of the transaction: no payment is authorised on them meanwhile.
    """
    rows = await connection.fetch(
        "SELECT id, body FROM billing_account WHERE id = ANY($1::text[]) ORDER BY id FOR SHARE",
        list(account_ids),
    )
    return {row["id"]: BillingAccount.from_bytes(row["body"]) for row in rows}


async def bill_numbers(connection: Connection, period: BillingPeriod, count: int) -> list[str]:
    """Unique and readable, such as `2026-12-0000042`; numbers of a failed chunk are left out."""
    rows = await connection.fetch(
        "SELECT nextval('bill_number') AS number FROM generate_series(1, $1)", count
    )
    return [f"{period.name}-{row['number']:07d}" for row in rows]


async def totals_of(
    connection: Connection, period: BillingPeriod
) -> dict[str, tuple[int, Decimal]]:
    """Bills of the period, and their sum, by currency."""
    rows = await connection.fetch(_SUMMARY, period.name)
    return {row["currency"]: (row["bills"], row["total"]) for row in rows}
