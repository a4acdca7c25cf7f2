"""The only SQL on requests for bills, and on whose accounts they mean."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from dualbus_events.contract.billing import CustomerBillOnDemand as CustomerBillOnDemandDocument
from dualbus_events.repository import Repository
from dualbus_kit.database import Connection

from billing_svc import tables
from billing_svc.billing_account.document import BillingAccount
from billing_svc.customer_bill_on_demand.aggregate import CustomerBillOnDemand
from billing_svc.customer_bill_on_demand.errors import CustomerBillOnDemandNotFound


class CustomerBillsOnDemand(Repository[CustomerBillOnDemand]):
    aggregate = CustomerBillOnDemand
    table = tables.customer_bill_on_demand
    columns: ClassVar[Mapping[str, Callable[[Any], object]]] = {}
    not_found = CustomerBillOnDemandNotFound


async def accounts_meant(
    connection: Connection, document: CustomerBillOnDemandDocument
) -> list[BillingAccount]:
    """The account that is named, else those of the related party, closed ones too; by id."""
    account, party = document.billing_account, document.related_party
    column, value = ("id", account.id) if account else ("customer_id", party.id if party else None)
    rows = await connection.fetch(
        f"SELECT body FROM billing_account WHERE {column} = $1 ORDER BY id",  # noqa: S608
        value,
    )
    return [BillingAccount.from_bytes(row["body"]) for row in rows]
