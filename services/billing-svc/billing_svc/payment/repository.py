"""The only SQL on payments, and on which bills are open."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, TypeVar

from dualbus_events.aggregate import Aggregate
from dualbus_events.repository import Repository
from dualbus_kit.database import Connection

from billing_svc import tables
from billing_svc.payment.aggregate import Payment, unapplied
from billing_svc.payment.errors import PaymentNotFound

A = TypeVar("A", bound=Aggregate[Any])

_TURNS = 7_264_104
_OPEN_BILLS = """
SELECT id FROM customer_bill
WHERE account_id = ANY($1::text[]) AND (body #>> '{remainingAmount,value}')::numeric > 0
"""


class Payments(Repository[Payment]):
    aggregate = Payment
    table = tables.payment
    columns: ClassVar[Mapping[str, Callable[[Any], object]]] = {
        "account_id": lambda document: document.account.id,
        "correlator_id": lambda document: document.correlator_id,
        "status": lambda document: document.status,
        "unapplied": unapplied,
    }
    not_found = PaymentNotFound


async def sent_before(
    connection: Connection, repository: type[Repository[A]], account_id: str, correlator_id: str
) -> A | None:
    """What a client sent under this number, once nobody else is just storing it."""
    turn = f"{repository.table.name} {account_id} {correlator_id}"
    await connection.execute("SELECT pg_advisory_xact_lock($1, hashtext($2))", _TURNS, turn)
    row = await connection.fetchrow(
        f"SELECT version, body FROM {repository.table.name}"  # noqa: S608 - the code's own name
        " WHERE account_id = $1 AND correlator_id = $2",
        account_id,
        correlator_id,
    )
    return repository.of_row(row["version"], row["body"]) if row else None


async def accounts_paid(connection: Connection, payment_ids: Sequence[str]) -> list[str]:
    """The accounts that these payments are for, each once."""
    rows = await connection.fetch(
        "SELECT DISTINCT account_id FROM payment WHERE id = ANY($1::text[])", list(payment_ids)
    )
    return [row["account_id"] for row in rows]


async def payments_with_credit(connection: Connection, account_ids: Sequence[str]) -> list[str]:
    """The payments on these accounts that something is left of."""
    rows = await connection.fetch(
        "SELECT id FROM payment WHERE account_id = ANY($1::text[]) AND unapplied > 0",
        list(account_ids),
    )
    return [row["id"] for row in rows]


async def accounts_with_credit(connection: Connection, account_ids: Sequence[str]) -> list[str]:
    """Those of the accounts that have credit."""
    rows = await connection.fetch(
        "SELECT DISTINCT account_id FROM payment"
        " WHERE account_id = ANY($1::text[]) AND unapplied > 0",
        list(account_ids),
    )
    return [row["account_id"] for row in rows]


async def open_bills(connection: Connection, account_ids: Sequence[str]) -> list[str]:
    """The bills of these accounts of which something remains to be paid."""
    rows = await connection.fetch(_OPEN_BILLS, list(account_ids))
    return [row["id"] for row in rows]


async def payments_on(connection: Connection, account_ids: Sequence[str]) -> list[str]:
    """Every payment on these accounts that did not fail."""
    rows = await connection.fetch(
        "SELECT id FROM payment WHERE account_id = ANY($1::text[]) AND status <> 'failed'",
        list(account_ids),
    )
    return [row["id"] for row in rows]
