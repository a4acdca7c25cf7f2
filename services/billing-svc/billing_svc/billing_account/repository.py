"""The only SQL on billing accounts."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from dualbus_events.document import customer_of
from dualbus_events.repository import Repository
from dualbus_kit.database import Connection

from billing_svc import tables
from billing_svc.billing_account.aggregate import OPEN, BillingAccount
from billing_svc.billing_account.document import BillingAccount as BillingAccountDocument
from billing_svc.billing_account.errors import BillingAccountNotFound

_TURNS = 7_264_102
_TAKE_TURNS = """
SELECT pg_advisory_xact_lock($1, key)
FROM (SELECT DISTINCT hashtext(id) AS key FROM unnest($2::text[]) id ORDER BY key) customer
"""
_RELY = """
INSERT INTO account_order (order_id, account_id)
SELECT * FROM unnest($1::text[], $2::text[])
ON CONFLICT (order_id) DO UPDATE SET account_id = excluded.account_id
"""
_OTHERS_RELY = """
SELECT DISTINCT account_id FROM account_order
WHERE account_id = ANY($1::text[]) AND order_id <> ALL($2::text[])
"""


def _opened_for(document: BillingAccountDocument) -> str | None:
    by_order = document.product_order is not None and document.state == OPEN
    return customer_of(document.related_party) if by_order else None


class BillingAccounts(Repository[BillingAccount]):
    aggregate = BillingAccount
    table = tables.billing_account
    columns: ClassVar[Mapping[str, Callable[[Any], object]]] = {
        "customer_id": lambda document: customer_of(document.related_party),
        "state": lambda document: document.state,
        "opened_for": _opened_for,
    }
    not_found = BillingAccountNotFound


async def take_turns(connection: Connection, customer_ids: Sequence[str]) -> None:
    """Until the end of the transaction nobody else opens or closes accounts for these customers.

    Two orders of one new customer at once would else each find no account and open one.
    """
    await connection.execute(_TAKE_TURNS, _TURNS, list(customer_ids))


async def rely_on(connection: Connection, accounts: Mapping[str, str]) -> None:
    """Remember which account (value) each order (key) is billed on."""
    ordered = sorted(accounts)
    await connection.execute(_RELY, ordered, [accounts[order_id] for order_id in ordered])


async def accounts_relied_on(connection: Connection, order_ids: Sequence[str]) -> list[str]:
    """The accounts that these orders rely on, each once."""
    rows = await connection.fetch(
        "SELECT DISTINCT account_id FROM account_order WHERE order_id = ANY($1::text[])",
        list(order_ids),
    )
    return [row["account_id"] for row in rows]


async def forget_orders(connection: Connection, order_ids: Sequence[str]) -> None:
    await connection.execute(
        "DELETE FROM account_order WHERE order_id = ANY($1::text[])", list(order_ids)
    )


async def relied_on_by_others(
    connection: Connection, account_ids: Sequence[str], *, than: Sequence[str]
) -> set[str]:
    """Those of the accounts that orders other `than` these rely on."""
    rows = await connection.fetch(_OTHERS_RELY, list(account_ids), list(than))
    return {row["account_id"] for row in rows}


async def charged_accounts(connection: Connection, account_ids: Sequence[str]) -> set[str]:
    """Those of the accounts that anything was ever charged on (voided charges don't count)."""
    rows = await connection.fetch(
        "SELECT DISTINCT account_id FROM charge WHERE account_id = ANY($1::text[]) AND NOT void",
        list(account_ids),
    )
    return {row["account_id"] for row in rows}


async def is_paid_on(connection: Connection, account_id: str) -> bool:
    """Whether any payment names the account, whatever came of it."""
    found = await connection.fetchval(
        "SELECT EXISTS (SELECT FROM payment WHERE account_id = $1)", account_id
    )
    return bool(found)


async def running_on(connection: Connection, account_id: str) -> int:
    """How many charges still run on an account."""
    count = await connection.fetchval(
        "SELECT count(*) FROM charge WHERE account_id = $1 AND state = 'active'", account_id
    )
    return int(count)
