"""The charge as billing-svc stores it."""

from typing import Literal

from dualbus_events.contract import billing
from dualbus_events.document import Reference


class Charge(billing.Charge):
    """Beside the contract: once or monthly, the order it comes from, the bill of a one-off."""

    price_type: Literal["recurring", "oneTime"] = "recurring"
    product_order: Reference | None = None
    bill: Reference | None = None
