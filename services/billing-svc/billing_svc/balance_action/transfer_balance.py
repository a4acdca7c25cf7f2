"""Transfers: never more or less money than before, but for a cost that someone bears."""

from collections.abc import Sequence

from dualbus_events.contract import balance as contract

from billing_svc.balance_action.aggregate import BalanceAction, Buckets, named_bucket
from billing_svc.balance_action.errors import InvalidAmount
from billing_svc.bucket.aggregate import Bucket
from billing_svc.bucket.amounts import is_exact
from billing_svc.bucket.errors import SameBucket, WrongUnits
from billing_svc.bucket.movement import Movement


class TransferBalance(BalanceAction[contract.TransferBalance]):
    """What leaves one bucket is what the other gets; a cost is taken off its owner's besides."""

    document_type = contract.TransferBalance
    topic = contract.TRANSFER_BALANCE

    @property
    def bucket_ids(self) -> Sequence[str]:
        return [self.document.bucket.id, self.document.receiver_bucket.id]

    def check(self) -> None:
        super().check()
        cost = self.document.transfer_cost
        if cost and (cost.value < 0 or not is_exact(cost.value)):
            raise InvalidAmount(f"transferCost.value: {cost.value} can't be charged")

    def _movements(self, buckets: Buckets) -> Sequence[Movement]:
        document, amount = self.document, self.document.amount.amount
        source = self._own_bucket(buckets)
        usage_type = document.receiver_bucket_usage_type
        target = named_bucket(buckets, document.receiver_bucket, usage_type, document.amount)
        if source is target:
            raise SameBucket(f"Bucket {source.id} is both sender and receiver")
        return [
            Movement(source, remaining=-amount),
            Movement(target, remaining=amount),
            *self._cost(source, target),
        ]

    def _cost(self, source: Bucket, target: Bucket) -> Sequence[Movement]:
        cost = self.document.transfer_cost
        if cost is None:
            return []
        bearer = target if self.document.cost_owner == "receiver" else source
        if cost.unit != bearer.units:
            raise WrongUnits(f"Bucket {bearer.id} is kept in {bearer.units}, not {cost.unit}")
        return [Movement(bearer, remaining=-cost.value)]
