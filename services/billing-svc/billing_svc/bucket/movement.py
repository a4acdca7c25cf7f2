"""Movements: the one way in which what is on buckets changes."""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from billing_svc.bucket.aggregate import Bucket

_ZERO = Decimal(0)


class Movement(NamedTuple):
    """By how much the remaining and the reserved value of a bucket change, in its units."""

    bucket: Bucket
    remaining: Decimal = _ZERO
    reserved: Decimal = _ZERO


def move(movements: Sequence[Movement]) -> None:
    """Carry out all of them, or none. Movements on one bucket count by their sum.

    Raises BalanceRefused when any bucket does not allow its own. The buckets must be locked.
    """
    nets: dict[str, Movement] = {}
    for bucket, remaining, reserved in movements:
        net = nets.get(bucket.id, Movement(bucket))
        nets[bucket.id] = Movement(bucket, net.remaining + remaining, net.reserved + reserved)
    for net in nets.values():
        net.bucket.check(remaining=net.remaining, reserved=net.reserved)
    for net in nets.values():
        net.bucket.change(remaining=net.remaining, reserved=net.reserved)
