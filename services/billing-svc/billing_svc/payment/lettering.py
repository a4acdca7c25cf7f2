"""Lettering (TMF676's word): which part of which payment settles which bill."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal


@dataclass(frozen=True)
class Credit:
    """A payment, and what of it settled nothing yet.

    `wanted` are the bills it is meant for, each with the most it may get (None: all it needs).
    """

    payment_id: str
    amount: Decimal
    wanted: Mapping[str, Decimal | None] = field(default_factory=dict)


@dataclass(frozen=True)
class Debt:
    """A bill, and what remains to be paid of it."""

    bill_id: str
    amount: Decimal


@dataclass(frozen=True)
class Portion:
    """What of a payment goes to a bill."""

    payment_id: str
    bill_id: str
    amount: Decimal


def letter(credits: Sequence[Credit], debts: Sequence[Debt]) -> list[Portion]:  # noqa: A002
    """Settle debts by credits, both given oldest first, all of one account and currency.

    A payment goes to the bills it is meant for before any other, then to the oldest. No payment
    gives more than it has and no bill gets more than it needs, so in the end there is no credit
    left or no debt. One portion per payment and bill.
    """
    remaining = {debt.bill_id: debt.amount for debt in debts}
    return [portion for credit in credits for portion in _portions(credit, remaining)]


def _portions(credit: Credit, remaining: dict[str, Decimal]) -> list[Portion]:
    """What one payment gives; `remaining` is reduced by it."""
    given: dict[str, Decimal] = {}
    left = credit.amount
    for bill_id, most in [*credit.wanted.items(), *((id_, None) for id_ in remaining)]:
        needed = remaining.get(bill_id, Decimal(0))
        part = min(left, needed, needed if most is None else most)
        if part > 0:
            remaining[bill_id] -= part
            left -= part
            given[bill_id] = given.get(bill_id, Decimal(0)) + part
    return [Portion(credit.payment_id, bill_id, amount) for bill_id, amount in given.items()]
