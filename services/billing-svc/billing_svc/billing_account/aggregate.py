"""A billing account, and what may still happen to it."""

from collections.abc import Mapping
from typing import Any

from dualbus_events.aggregate import Aggregate
from dualbus_events.contract.billing import (
    BillingAccountAttributeValueChangeEvent,
    BillingAccountCreateEvent,
    BillingAccountDeleteEvent,
    BillingAccountStateChangeEvent,
)
from dualbus_events.document import customer_of
from dualbus_kit.clock import utc_now
from dualbus_tmf.states import StateMachine
from dualbus_tmf.writing import merge_patch

from billing_svc.billing_account.document import BillingAccount as BillingAccountDocument

OPEN = "active"
CLOSED = "closed"
BILLING_ACCOUNT = StateMachine("BillingAccount", initial={OPEN}, moves={OPEN: {CLOSED}})
"""Ours: TMF666 v4 leaves `state` a free string."""

_SET_BY_SERVER = frozenset(("lastModified", "productOrder"))


class BillingAccount(Aggregate[BillingAccountDocument]):
    """Where a customer's charges are billed. Closed accounts take no new charges."""

    document_type = BillingAccountDocument

    @classmethod
    def open(cls, document: BillingAccountDocument) -> "BillingAccount":
        document.state = document.state or OPEN
        document.last_modified = utc_now()
        BILLING_ACCOUNT.check_initial(document.state)
        account = cls(document)
        account.record(BillingAccountCreateEvent)
        return account

    @property
    def customer_id(self) -> str | None:
        return customer_of(self.document.related_party)

    @property
    def is_open(self) -> bool:
        return self.document.state == OPEN

    def close(self) -> None:
        """Raises IllegalStateMove when it is closed already."""
        BILLING_ACCOUNT.check(str(self.document.state), CLOSED, resource_id=self.id)
        self.document.state = CLOSED
        self.document.last_modified = utc_now()
        self.record(BillingAccountStateChangeEvent)

    def change(self, patch: Mapping[str, Any]) -> None:
        """Merge the patch; one that changes nothing records nothing."""
        before = self.document
        after = merge_patch(before, patch, unpatchable=_SET_BY_SERVER)
        if after == before:
            return
        moved = after.state != before.state
        if moved:
            BILLING_ACCOUNT.check(str(before.state), str(after.state), resource_id=self.id)
        after.last_modified = utc_now()
        self.document = after
        self.record(
            BillingAccountStateChangeEvent if moved else BillingAccountAttributeValueChangeEvent
        )

    def delete(self) -> None:
        self.record(BillingAccountDeleteEvent)
