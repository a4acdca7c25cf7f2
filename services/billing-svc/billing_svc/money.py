"""Rounding of money, in one place."""

from decimal import ROUND_HALF_UP, Decimal

_CENT = Decimal("0.01")
LARGEST = Decimal(10) ** 12
"""Amounts stay below this: a JSON number carries 15 digits exactly, two of them are cents."""


def cents(amount: Decimal) -> Decimal:
    """Rounded half-up (away from zero at the half) to cents; never minus zero."""
    return amount.quantize(_CENT, ROUND_HALF_UP) + Decimal(0)
