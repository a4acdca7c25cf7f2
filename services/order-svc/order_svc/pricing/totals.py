"""What prices come to, for a piece and for a whole: to the cent what billing-svc will charge."""

from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from dualbus_events.contract.order import OrderPrice, Price, PriceAlteration
from dualbus_events.document import Money

from order_svc.pricing.errors import PriceNotComputable

_CENT: Final = Decimal("0.01")
_LAST: Final = 1_000_000_000
# As billing-svc has it: a JSON number carries 15 digits exactly, two of them are cents.
_LARGEST: Final = Decimal(10) ** 12

PricedItem = tuple[Sequence[OrderPrice], int]
"""The prices of one piece, and how many pieces."""


def piece_amount(price: OrderPrice) -> Money | None:
    """One piece, alterations included, rounded half-up to cents; None for one without an amount.

    Alterations apply one after the other by `priority`, lowest number first, those without one
    last; a percentage is of what the price has become by then. Raises PriceNotComputable.
    """
    base = _absolute(price.price)
    if base is None:
        return None
    amount = base.value
    for alteration in sorted(price.price_alteration or [], key=_priority):
        amount += _change(alteration, amount=amount, unit=base.unit)
    if not abs(amount) < _LARGEST:
        raise PriceNotComputable(f"price {price.name or ''}: {amount} is not below {_LARGEST}")
    return Money(unit=base.unit, value=amount.quantize(_CENT, ROUND_HALF_UP) + Decimal())


def total_prices(items: Iterable[PricedItem]) -> list[OrderPrice]:
    """The sums, one for each kind of price, period and currency, in the order they first come.

    What is paid once and what is paid every month are never one sum. Raises PriceNotComputable.
    """
    sums: dict[tuple[str | None, str | None, str], Decimal] = {}
    for prices, quantity in items:
        for price in prices:
            piece = piece_amount(price)
            if piece is None:
                continue
            key = (price.price_type, price.recurring_charge_period, piece.unit)
            sums[key] = sums.get(key, Decimal()) + piece.value * quantity
    return [
        OrderPrice(
            price_type=price_type,
            recurring_charge_period=period,
            price=Price(tax_included_amount=Money(unit=unit, value=_small(value))),
        )
        for (price_type, period, unit), value in sums.items()
    ]


def _change(alteration: PriceAlteration, *, amount: Decimal, unit: str) -> Decimal:
    name = f"alteration {alteration.name or ''}"
    if alteration.price.percentage is not None:
        return amount * alteration.price.percentage / 100
    absolute = _absolute(alteration.price)
    if absolute is None:
        raise PriceNotComputable(f"{name} has neither an amount nor a percentage")
    if absolute.unit != unit:
        raise PriceNotComputable(f"{name} is in {absolute.unit}, its price in {unit}")
    return absolute.value


def _absolute(price: Price | None) -> Money | None:
    return (price.tax_included_amount or price.duty_free_amount) if price else None


def _priority(alteration: PriceAlteration) -> int:
    return _LAST if alteration.priority is None else alteration.priority


def _small(value: Decimal) -> Decimal:
    if not abs(value) < _LARGEST:
        raise PriceNotComputable(f"the total {value} is not below {_LARGEST}")
    return value
