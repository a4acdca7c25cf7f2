"""Facts of billing-svc's TMF654: prepaid buckets, and the actions that change what is on them."""

from typing import Literal

from pydantic import Field

from dualbus_events.document import (
    Amount,
    Document,
    Moment,
    Money,
    Reference,
    RelatedParty,
    TimePeriod,
    WireModel,
)
from dualbus_events.facts import PARTITIONS
from dualbus_events.tmforum.documents import defined, defined_topic

BalanceActionStatus = Literal["created", "failed", "cancelled", "completed"]


class Quantity(WireModel):
    """An amount in a unit: a currency, `MB`, `sms` …"""

    amount: Amount
    units: str = Field(min_length=1)


class BalanceError(WireModel):
    """Why an action failed, as an error body would say it."""

    code: str
    reason: str
    message: str


@defined("TMF654")
class Bucket(Document):
    """TMF654 Bucket; `reservedValue` is the part of `remainingValue` that reservations hold."""

    status: Literal["active", "suspended", "expired"]
    usage_type: str
    remaining_value: Quantity
    remaining_value_name: str
    reserved_value: Quantity
    valid_for: TimePeriod | None = None
    party_account: Reference
    related_party: list[RelatedParty] | None = None


class BalanceAction(Document):
    """What TMF654's four actions share. `error` says why a failed one changed nothing."""

    status: BalanceActionStatus
    amount: Quantity | None = None
    bucket: Reference
    usage_type: str | None = None
    party_account: Reference | None = None
    valid_for: TimePeriod | None = None
    related_party: list[RelatedParty] | None = None
    requested_date: Moment
    confirmation_date: Moment | None = None
    error: BalanceError | None = None


@defined("TMF654")
class TopupBalance(BalanceAction):
    """TMF654 TopupBalance: an amount put on a bucket."""

    amount: Quantity
    usage_type: str
    party_account: Reference


@defined("TMF654")
class AdjustBalance(BalanceAction):
    """TMF654 AdjustBalance: an amount put on a bucket, or taken off it when it is negative."""

    amount: Quantity


@defined("TMF654")
class TransferBalance(BalanceAction):
    """TMF654 TransferBalance: an amount taken off one bucket and put on another."""

    amount: Quantity
    receiver_bucket: Reference
    receiver_bucket_usage_type: str | None = None
    transfer_cost: Money | None = None
    cost_owner: str | None = None


@defined("TMF654")
class ReserveBalance(BalanceAction):
    """TMF654 ReserveBalance: an amount held on a bucket while it is `created`."""


BUCKET = defined_topic("billing", Bucket, partitions=PARTITIONS)
TOPUP_BALANCE = defined_topic("billing", TopupBalance)
ADJUST_BALANCE = defined_topic("billing", AdjustBalance)
TRANSFER_BALANCE = defined_topic("billing", TransferBalance)
RESERVE_BALANCE = defined_topic("billing", ReserveBalance)

# Which the definition has beside those of every resource.
BALANCE_ACTION_EVENTS = [
    topic.event(f"{topic.document.__name__}{kind}Event")
    for topic in (TOPUP_BALANCE, ADJUST_BALANCE, TRANSFER_BALANCE, RESERVE_BALANCE)
    for kind in ("Cancel", "Failure")
]
