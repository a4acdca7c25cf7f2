"""Amounts on buckets: exact in code, and exact in the JSON that they are stored and sent as."""

from decimal import Decimal

_LARGEST = Decimal(10) ** 15
_DECIMALS = 9


def is_amount(amount: Decimal) -> bool:
    """Below 10^15 either way, to nine decimals: sums of such stay exact in Decimal."""
    return abs(amount) < _LARGEST and round(amount, _DECIMALS) == amount


def is_exact(amount: Decimal) -> bool:
    """An amount which a JSON number, that readers take for a double, carries without loss."""
    return is_amount(amount) and Decimal(repr(float(amount))) == amount


def plain(amount: Decimal) -> str:
    """`12.5`: without an exponent or zeros at the end."""
    text = f"{amount:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
