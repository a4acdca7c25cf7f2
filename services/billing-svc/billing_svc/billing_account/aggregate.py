"""A billing account, and what may still happen to it."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from dualbus_events.aggregate import Aggregate
from dualbus_events.contract.billing import (
    BillingAccountAttributeValueChangeEvent,
    BillingAccountCreateEvent,
    BillingAccountDeleteEvent,
    BillingAccountStateChangeEvent,
)
from dualbus_events.document import (
    Money,
    RelatedParty,
    TimePeriod,
    customer_of,
    party_in_role,
)
from dualbus_kit.clock import utc_now
from dualbus_tmf.states import StateMachine
from dualbus_tmf.writing import merge_patch

from billing_svc.billing_account.document import BillingAccount as BillingAccountDocument

OPEN = "active"
CLOSED = "closed"
BILLING_ACCOUNT = StateMachine("BillingAccount", initial={OPEN}, moves={OPEN: {CLOSED}})
"""Ours: TMF666 v4 leaves `state` a free string."""

_SET_BY_SERVER = frozenset(("lastModified", "productOrder"))
_CREDIT = "deposit"
"""The `balanceType` of what was paid and settled no bill yet; other types are the clients'."""


class BillingAccount(Aggregate[BillingAccountDocument]):
    """Where a customer's charges are billed. Closed accounts take no new charges."""

    document_type = BillingAccountDocument

    @classmethod
    def open(cls, document: BillingAccountDocument) -> "BillingAccount":
        document.state = document.state or OPEN
        document.last_modified = utc_now()
        BILLING_ACCOUNT.check_initial(document.state)
        account = cls(_with_credit(document, []))
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
        after = _with_credit(after, _credit(before))
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

    def keep_credit(self, amounts: Mapping[str, Decimal]) -> None:
        """Show in `accountBalance` what was paid and settled no bill yet, by currency."""
        kept = {unit: float(amount) for unit, amount in amounts.items() if amount > 0}
        shown = {one["amount"]["unit"]: one["amount"]["value"] for one in _credit(self.document)}
        if kept == shown:
            return
        since = TimePeriod(start_date_time=utc_now())
        balances = [
            {
                "balanceType": _CREDIT,
                "amount": Money(unit=unit, value=amounts[unit]).to_dict(),
                "validFor": since.to_dict(),
            }
            for unit in sorted(kept)
        ]
        self.document = _with_credit(self.document, balances)
        self.record(BillingAccountAttributeValueChangeEvent)

    def delete(self) -> None:
        self.record(BillingAccountDeleteEvent)


def customer_parties(document: BillingAccountDocument) -> list[RelatedParty]:
    """The account's customer, as a list of related parties; empty where it has none."""
    customer = party_in_role(document.related_party, "customer")
    return [customer] if customer else []


def _balances(document: BillingAccountDocument) -> list[dict[str, Any]]:
    balances: list[dict[str, Any]] | None = getattr(document, "account_balance", None)
    return balances or []


def _credit(document: BillingAccountDocument) -> list[dict[str, Any]]:
    return [one for one in _balances(document) if one.get("balanceType") == _CREDIT]


def _with_credit(
    document: BillingAccountDocument, credit: list[dict[str, Any]]
) -> BillingAccountDocument:
    """The same account, whose credit is this and nothing that a client says it is."""
    if _credit(document) == credit:
        return document
    others = [one for one in _balances(document) if one.get("balanceType") != _CREDIT]
    return document.model_copy(update={"account_balance": [*others, *credit] or None})
