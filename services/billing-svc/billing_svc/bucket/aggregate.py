"""A bucket: what is left on it, how much of that is held, and what it refuses."""

from datetime import datetime
from decimal import Decimal

from dualbus_events.aggregate import Aggregate
from dualbus_events.contract.balance import BUCKET, Quantity
from dualbus_events.contract.balance import Bucket as BucketDocument
from dualbus_events.document import customer_of

from billing_svc.bucket.amounts import is_exact, plain
from billing_svc.bucket.errors import BalanceNotCovered, BalanceNotExact, BucketExpired

_CREATED = BUCKET.event("BucketCreateEvent")
_CHANGED = BUCKET.event("BucketAttributeValueChangeEvent")


class Bucket(Aggregate[BucketDocument]):
    """After every change `0 <= reserved <= remaining`. `movement.move` is how it is changed."""

    document_type = BucketDocument

    @property
    def customer_id(self) -> str | None:
        return customer_of(self.document.related_party)

    @property
    def units(self) -> str:
        return self.document.remaining_value.units

    @property
    def remaining(self) -> Decimal:
        return self.document.remaining_value.amount

    @property
    def reserved(self) -> Decimal:
        return self.document.reserved_value.amount

    @property
    def available(self) -> Decimal:
        """What is left and not held."""
        return self.remaining - self.reserved

    @property
    def ends(self) -> datetime | None:
        """When what is left can no longer be spent."""
        return self.document.valid_for.end_date_time if self.document.valid_for else None

    @property
    def without_units(self) -> bool:
        """It was posted without, and nothing was put on it yet: its usage type stands for them."""
        return self.version == 1 and not self.remaining and self.units == self.document.usage_type

    def open(self) -> None:
        """Come into being, empty."""
        self.record(_CREATED)

    def take_units(self, units: str) -> None:
        """Be kept in these from now on; only one `without_units`."""
        nothing = Quantity(amount=Decimal(0), units=units)
        self.document.remaining_value = self.document.reserved_value = nothing

    def expire(self) -> None:
        """Its time is over: only what is held can still be spent."""
        if self.document.status != "expired":
            self.document.status = "expired"
            self.record(_CHANGED)

    def check(self, *, remaining: Decimal, reserved: Decimal) -> None:
        """Whether its values may change by so much.

        Raises BalanceNotCovered; BucketExpired when something is put on it, which nobody could
        spend, or taken or held that is not held already; BalanceNotExact.
        """
        taken = reserved - remaining
        if (remaining > 0 or taken > 0) and self.document.status != "active":
            raise BucketExpired(f"Bucket {self.id} is {self.document.status}")
        held = self.reserved + reserved
        if taken > self.available or not 0 <= held <= self.remaining + remaining:
            raise BalanceNotCovered(
                f"Bucket {self.id} has {plain(self.available)} {self.units} available"
            )
        if not (is_exact(self.remaining + remaining) and is_exact(held)):
            raise BalanceNotExact(f"Bucket {self.id}: {plain(self.remaining)} {self.units} are on")

    def change(self, *, remaining: Decimal, reserved: Decimal) -> None:
        """Change its values by so much, after `check`. The first change creates one not `open`."""
        document, left = self.document, self.remaining + remaining
        document.remaining_value = Quantity(amount=left, units=self.units)
        document.remaining_value_name = f"{plain(left)} {self.units}"
        document.reserved_value = Quantity(amount=self.reserved + reserved, units=self.units)
        self.record(_CHANGED if self.version else _CREATED)
