"""The billing account as billing-svc stores it."""

from dualbus_events.contract import billing
from dualbus_events.document import Reference


class BillingAccount(billing.BillingAccount):
    """`product_order` is the order that opened the account; only its undo may close it again."""

    product_order: Reference | None = None
