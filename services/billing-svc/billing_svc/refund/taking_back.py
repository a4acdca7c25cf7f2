"""What a refund takes from which payment: the reverse of lettering."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Held:
    """A payment: what of it is credit, and which bills it settled by how much, in that order."""

    payment_id: str
    credit: Decimal
    settled: Sequence[tuple[str, Decimal]] = ()


@dataclass(frozen=True)
class Part:
    """What is taken from a payment: of what settled the bill, or of its credit."""

    payment_id: str
    bill_id: str | None
    amount: Decimal


def take_back(amount: Decimal, payments: Sequence[Held]) -> list[Part]:
    """Take an amount from payments of one currency, given oldest first.

    Credit goes before bills, so that no bill is opened again while there is credit. Of both the
    newest goes first: what was settled last is opened first. The parts sum up to the amount, or to
    all there is if that is less.
    """
    parts = []
    for part in _in_order(payments):
        taken = min(amount, part.amount)
        if taken > 0:
            amount -= taken
            parts.append(Part(part.payment_id, part.bill_id, taken))
    return parts


def _in_order(payments: Sequence[Held]) -> Iterator[Part]:
    for payment in reversed(payments):
        yield Part(payment.payment_id, None, payment.credit)
    for payment in reversed(payments):
        for bill_id, amount in reversed(payment.settled):
            yield Part(payment.payment_id, bill_id, amount)
