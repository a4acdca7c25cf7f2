"""The sum of buckets as billing-svc answers it; it is published nowhere, its buckets are."""

from dualbus_events.contract.balance import Quantity
from dualbus_events.document import Document, Reference
from dualbus_events.tmforum.documents import defined


@defined("TMF654")
class AccumulatedBalance(Document):
    """TMF654 AccumulatedBalance: what is on an account's valid buckets of one usage and unit."""

    name: str
    bucket: list[Reference]
    total_balance: Quantity
    party_account: Reference
