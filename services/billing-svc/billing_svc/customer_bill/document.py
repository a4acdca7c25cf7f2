"""A line of a bill as billing-svc stores it."""

from dualbus_events.contract import billing
from dualbus_events.document import Reference


class AppliedCustomerBillingRate(billing.AppliedCustomerBillingRate):
    """Beside the contract: the charge it comes from, and how many days are in it, in words."""

    description: str | None = None
    charge: Reference | None = None
