"""Reservations: an amount that is held until it is spent, released, or its time is over."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from dualbus_events.contract import balance as contract
from dualbus_events.contract.balance import BalanceActionStatus, Quantity
from dualbus_events.document import TimePeriod
from dualbus_kit.clock import utc_now

from billing_svc.balance_action.aggregate import BalanceAction, Buckets
from billing_svc.bucket.errors import BalanceNotCovered, ReservationOver
from billing_svc.bucket.movement import Movement
from billing_svc.bucket.opening import MONETARY


class ReserveBalance(BalanceAction[contract.ReserveBalance]):
    """Holds its amount while `created`; `completed` is spent, `cancelled` is released.

    One without an amount holds all that is available.
    """

    document_type = contract.ReserveBalance
    topic = contract.RESERVE_BALANCE

    @property
    def held(self) -> Decimal:
        """What it holds now."""
        amount = self.document.amount
        return amount.amount if amount and self.document.status == "created" else Decimal(0)

    @property
    def ends(self) -> datetime | None:
        """When it is released unless it was settled by then."""
        return self.document.valid_for.end_date_time if self.document.valid_for else None

    def end_within(self, seconds: float) -> None:
        """Give it an end, where it has none."""
        now = utc_now()
        period = self.document.valid_for or TimePeriod(start_date_time=now)
        period.end_date_time = period.end_date_time or now + timedelta(seconds=seconds)
        self.document.valid_for = period

    def check(self) -> None:
        if self.document.amount:
            super().check()

    def carry_out(self, buckets: Buckets) -> None:
        """Parties and amount stand in every reservation, refused too, as TM Forum's kit asks."""
        document, bucket = self.document, buckets.get(self.document.bucket.id)
        if document.related_party is None:
            document.related_party = (bucket and bucket.document.related_party) or []
        if document.amount is None:
            units = bucket.units if bucket else document.usage_type or MONETARY
            document.amount = Quantity(amount=Decimal(0), units=units)
        super().carry_out(buckets)

    def patch(self, patch: Mapping[str, Any], buckets: Buckets) -> None:
        """As of every action, but what stands in every reservation stays."""
        if patch.get("relatedParty", ...) is None:
            patch = {**patch, "relatedParty": []}
        super().patch(patch, buckets)

    def _settling(self, status: BalanceActionStatus, buckets: Buckets) -> Sequence[Movement]:
        """Spent when it completes; whatever else becomes of it, it is released."""
        spent = self.held if status == "completed" else Decimal(0)
        bucket = buckets[self.document.bucket.id]
        return [Movement(bucket, remaining=-spent, reserved=-self.held)]

    def _movements(self, buckets: Buckets) -> Sequence[Movement]:
        document = self.document
        bucket = self._own_bucket(buckets)
        if self.ends and self.ends <= utc_now():
            raise ReservationOver(f"validFor.endDateTime: {self.ends.isoformat()} has passed")
        if not document.amount or not document.amount.amount:
            if not bucket.available:
                raise BalanceNotCovered(f"Bucket {bucket.id} has nothing available")
            document.amount = Quantity(amount=bucket.available, units=bucket.units)
        return [Movement(bucket, reserved=document.amount.amount)]

    def _succeed(self) -> None:
        self.record(self.event("Create"))
