"""What an item's price amounts to: alterations in order of priority, rounding, quantity."""

from decimal import Decimal

from dualbus_events.contract.order import OrderPrice, Price, PriceAlteration
from dualbus_events.document import Money

from billing_svc.charge.errors import InvalidPrice
from billing_svc.money import LARGEST, cents

_LAST = 1_000_000_000
_MONTH = ("month", "monthly", "1 month")


def amount_of(price: OrderPrice, *, quantity: int = 1) -> Money:
    """The amount of `quantity` pieces, alterations included (TMF622 v4, PriceAlteration).

    Alterations apply one after the other by `priority`, lowest number first; those without one
    come last, in their order on the item. An absolute amount is added; a percentage is of what
    the price has become by then, so +10 then -50 % of 30 is 20, and the other way round 25.
    One piece is rounded half-up to cents, once, at the end; then it is taken `quantity` times.
    A sum below zero stays: it is a credit. Raises InvalidPrice.
    """
    base = _absolute(price.price)
    _check_period(price)
    if base is None:
        raise InvalidPrice(f"{_name(price)} has no amount")
    amount = base.value
    alterations = price.price_alteration or []
    for alteration in sorted(alterations, key=_priority):
        amount += _change(alteration, price, amount=amount, unit=base.unit)
    if not abs(amount * quantity) < LARGEST:
        raise InvalidPrice(f"{_name(price)}: {amount} x {quantity} is not below {LARGEST}")
    return Money(unit=base.unit, value=cents(amount) * quantity)


def _check_period(price: OrderPrice) -> None:
    period = (price.recurring_charge_period or "month").casefold()
    if price.price_type == "recurring" and period not in _MONTH:
        raise InvalidPrice(f"{_name(price)} is per {period}; what recurs is charged per month")


def _change(
    alteration: PriceAlteration, price: OrderPrice, *, amount: Decimal, unit: str
) -> Decimal:
    name = f"Alteration {alteration.name or ''} of {_name(price)}"
    if alteration.price_type not in (None, price.price_type):
        raise InvalidPrice(f"{name} is {alteration.price_type}, its price {price.price_type}")
    if alteration.price.percentage is not None:
        return amount * alteration.price.percentage / 100
    absolute = _absolute(alteration.price)
    if absolute is None:
        raise InvalidPrice(f"{name} has neither an amount nor a percentage")
    if absolute.unit != unit:
        raise InvalidPrice(f"{name} is in {absolute.unit}, its price in {unit}")
    return absolute.value


def _absolute(price: Price | None) -> Money | None:
    """The amount, taxes included if it says so: taxes are not worked out here yet."""
    return (price.tax_included_amount or price.duty_free_amount) if price else None


def _priority(alteration: PriceAlteration) -> int:
    return _LAST if alteration.priority is None else alteration.priority


def _name(price: OrderPrice) -> str:
    return f"Price {price.name}" if price.name else "A price without a name"
