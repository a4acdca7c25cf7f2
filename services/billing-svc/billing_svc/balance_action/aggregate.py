"""An action on buckets: carried out once, and what may still become of it."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, ClassVar, Final, TypeVar

from dualbus_events.aggregate import Aggregate
from dualbus_events.contract import balance as contract
from dualbus_events.contract.balance import BalanceActionStatus, BalanceError, Quantity
from dualbus_events.document import Reference, customer_of
from dualbus_events.facts import EventType, FactTopic
from dualbus_kit.clock import utc_now
from dualbus_tmf.declaration import check_kept
from dualbus_tmf.profiles import required_of
from dualbus_tmf.states import StateMachine
from dualbus_tmf.writing import merge_patch

from billing_svc.balance_action.errors import InvalidAmount
from billing_svc.bucket.aggregate import Bucket
from billing_svc.bucket.amounts import is_exact
from billing_svc.bucket.errors import (
    BalanceRefused,
    BucketOfAnother,
    BucketUnknown,
    WrongUnits,
    WrongUsageType,
)
from billing_svc.bucket.movement import Movement, move

Buckets = Mapping[str, Bucket]
"""Those that an action names, by id and locked; one that does not exist is not among them."""

D = TypeVar("D", bound=contract.BalanceAction)

BALANCE_ACTION: Final = StateMachine(
    "BalanceAction",
    initial={"created"},
    moves={"created": {"completed", "failed", "cancelled"}},
)
"""TMF654 v4 lists the statuses; the moves are our reading. Only a reservation stays `created`."""

_UNPATCHABLE: Final = frozenset(
    (
        "amount",
        "bucket",
        "usageType",
        "partyAccount",
        "validFor",
        "requestedDate",
        "confirmationDate",
        "error",
        "receiverBucket",
        "receiverBucketUsageType",
        "transferCost",
        "costOwner",
    )
)


class BalanceAction(Aggregate[D]):
    """Carried out once, when it is posted: it changes its buckets, or fails and says why."""

    document_type: ClassVar[type[contract.BalanceAction]]
    topic: ClassVar[FactTopic[Any]]

    @property
    def customer_id(self) -> str | None:
        return customer_of(self.document.related_party)

    @property
    def bucket_ids(self) -> Sequence[str]:
        """The buckets it names."""
        return [self.document.bucket.id]

    def check(self) -> None:
        """Raises InvalidAmount for what could not be moved on any bucket."""
        check_amount(self.document.amount, least=Decimal(0))

    def carry_out(self, buckets: Buckets) -> None:
        """Move what it is about; `failed`, with the reason, when a bucket refuses.

        It concerns the parties of its bucket, unless it names its own.
        """
        bucket = buckets.get(self.document.bucket.id)
        if bucket and self.document.related_party is None:
            self.document.related_party = bucket.document.related_party
        try:
            move(self._movements(buckets))
        except BalanceRefused as refusal:
            self._fail(refusal)
        else:
            self._succeed()

    def patch(self, patch: Mapping[str, Any], buckets: Buckets) -> None:
        """Merge the patch. What was moved can't be changed; `status` as the machine has it."""
        before = self.document
        after = merge_patch(before, patch, unpatchable=_UNPATCHABLE)
        check_kept(before.to_dict(), after.to_dict(), required_of(self.topic.document.definition))
        if after.status == before.status:
            if after != before:
                self.document = after
                self.record(self.event("AttributeValueChange"))
            return
        BALANCE_ACTION.check(before.status, after.status, resource_id=self.id)
        status, after.status = after.status, before.status
        self.document = after
        self.settle(status, buckets)

    def settle(self, status: BalanceActionStatus, buckets: Buckets) -> None:
        """Move on from `created`, with what that moves. Raises IllegalStateMove."""
        BALANCE_ACTION.check(self.document.status, status, resource_id=self.id)
        move(self._settling(status, buckets))
        self.document.status = status
        self.document.confirmation_date = utc_now()
        self.record(self.event("Cancel" if status == "cancelled" else "StateChange"))

    def delete(self, buckets: Buckets) -> None:
        """Forget it. What it has moved stays where it is."""
        if self.document.status == "created":
            self.settle("cancelled", buckets)
        self.record(self.event("Delete"))

    def event(self, kind: str) -> EventType[Any]:
        """`TopupBalanceFailureEvent` of `Failure`."""
        return self.topic.event(f"{self.topic.document.__name__}{kind}Event")

    def _movements(self, buckets: Buckets) -> Sequence[Movement]:
        """What it moves. Raises BalanceRefused."""
        raise NotImplementedError

    def _settling(self, status: BalanceActionStatus, buckets: Buckets) -> Sequence[Movement]:
        """What one that stays `created` moves when it moves on."""
        raise NotImplementedError

    def _own_bucket(self, buckets: Buckets) -> Bucket:
        document = self.document
        bucket = named_bucket(buckets, document.bucket, document.usage_type, document.amount)
        account, owner = document.party_account, bucket.document.party_account
        if account and account.id != owner.id:
            raise BucketOfAnother(f"Bucket {bucket.id} does not belong to account {account.id}")
        return bucket

    def _succeed(self) -> None:
        self.document.status = "completed"
        self.document.confirmation_date = utc_now()
        self.record(self.event("Create"))

    def _fail(self, refusal: BalanceRefused) -> None:
        self.document.status = "failed"
        self.document.error = BalanceError(
            code=refusal.code, reason=refusal.reason, message=str(refusal)
        )
        self.record(self.event("Failure"))


def check_amount(amount: Quantity | None, *, least: Decimal | None = None) -> None:
    """Raises InvalidAmount unless it is exact, not zero, and not below `least`."""
    if amount is None:
        return
    value = amount.amount
    if not is_exact(value) or value == 0 or (least is not None and value < least):
        raise InvalidAmount(f"amount.amount: {value} {amount.units} can't be moved")


def named_bucket(
    buckets: Buckets, reference: Reference, usage_type: str | None, amount: Quantity | None
) -> Bucket:
    """The bucket that is named. Raises BalanceRefused unless it is of this usage and unit."""
    bucket = buckets.get(reference.id)
    if bucket is None:
        raise BucketUnknown(f"Bucket {reference.id} does not exist")
    if usage_type and usage_type != bucket.document.usage_type:
        kind = bucket.document.usage_type
        raise WrongUsageType(f"Bucket {bucket.id} is for {kind}, not {usage_type}")
    if amount and amount.units != bucket.units:
        raise WrongUnits(f"Bucket {bucket.id} is kept in {bucket.units}, not {amount.units}")
    return bucket
