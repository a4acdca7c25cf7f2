"""Top-ups and adjustments: one amount, one bucket."""

from collections.abc import Sequence

from dualbus_events.contract import balance as contract
from dualbus_tmf.declaration import checked_id

from billing_svc.balance_action.aggregate import BalanceAction, Buckets, check_amount
from billing_svc.bucket.movement import Movement


class TopupBalance(BalanceAction[contract.TopupBalance]):
    document_type = contract.TopupBalance
    topic = contract.TOPUP_BALANCE

    def check(self) -> None:
        """Raises InvalidBody too, for a name that no bucket can be opened by."""
        super().check()
        checked_id(self.document.bucket.id, "bucket.id")

    def _movements(self, buckets: Buckets) -> Sequence[Movement]:
        amount, named = self.document.amount, buckets.get(self.document.bucket.id)
        if named and named.without_units:
            named.take_units(amount.units)
        return [Movement(self._own_bucket(buckets), remaining=amount.amount)]


class AdjustBalance(BalanceAction[contract.AdjustBalance]):
    document_type = contract.AdjustBalance
    topic = contract.ADJUST_BALANCE

    def check(self) -> None:
        check_amount(self.document.amount)

    def _movements(self, buckets: Buckets) -> Sequence[Movement]:
        return [Movement(self._own_bucket(buckets), remaining=self.document.amount.amount)]
