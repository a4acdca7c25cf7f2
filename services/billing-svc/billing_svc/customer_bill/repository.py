"""The only SQL on bills and their lines, and on what is to be billed."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, ClassVar

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
from billing_svc.customer_bill.period import BillingPeriod

_BILL_RUN = 7_264_103
# The days of `BillingPeriod.coverage`, in SQL: $1 and $2 bound the period, $3 is the time zone.
_DUE = """
NOT void AND (start_date AT TIME ZONE $3)::date < $2::date
AND CASE WHEN recurring
    THEN end_date IS NULL OR (end_date AT TIME ZONE $3)::date >
         GREATEST((start_date AT TIME ZONE $3)::date, $1::date)
    ELSE state = 'active' END
"""
_UNBILLED = f"""
FROM charge c WHERE {_DUE} AND account_id > $5 AND NOT EXISTS
  (SELECT FROM customer_bill b WHERE b.account_id = c.account_id AND b.period = $4)
"""
_COUNT = f"SELECT count(DISTINCT account_id) {_UNBILLED}"
_NEXT = f"SELECT DISTINCT account_id {_UNBILLED} ORDER BY account_id LIMIT $6"
# Joined to a set, not compared with an array: that keeps to the index however large the table.
_CHARGES = f"""
SELECT body FROM unnest($4::text[]) account(account_id) JOIN charge USING (account_id)
WHERE {_DUE} ORDER BY account_id, id
"""  # noqa: S608 - the code's own condition
_SUMMARY = """
SELECT currency, count(*) AS bills, sum(total) AS total
FROM customer_bill WHERE period = $1 GROUP BY currency ORDER BY currency
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
) -> list[Charge]:
    """What is due on these accounts in the period, by account and in the order of creation."""
    rows = await connection.fetch(_CHARGES, *_bounds(period), list(account_ids))
    return [Charge.from_bytes(row["body"]) for row in rows]


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
