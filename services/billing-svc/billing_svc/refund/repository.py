"""The only SQL on refunds."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from dualbus_events.repository import Repository
from dualbus_kit.database import Connection

from billing_svc import tables
from billing_svc.refund.aggregate import Refund
from billing_svc.refund.errors import RefundNotFound


class Refunds(Repository[Refund]):
    aggregate = Refund
    table = tables.refund
    columns: ClassVar[Mapping[str, Callable[[Any], object]]] = {
        "account_id": lambda document: document.account.id,
        "correlator_id": lambda document: document.correlator_id,
        "status": lambda document: document.status,
    }
    not_found = RefundNotFound


async def accounts_refunded(connection: Connection, refund_ids: Sequence[str]) -> list[str]:
    """The accounts that these refunds are for, each once."""
    rows = await connection.fetch(
        "SELECT DISTINCT account_id FROM refund WHERE id = ANY($1::text[])", list(refund_ids)
    )
    return [row["account_id"] for row in rows]
