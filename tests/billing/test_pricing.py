"""What an item's price amounts to: order of alterations, rounding, quantity."""

from decimal import Decimal
from typing import Any

import pytest
from billing_svc.charge.errors import InvalidPrice
from billing_svc.charge.pricing import amount_of
from dualbus_events.contract.order import OrderPrice, PriceAlteration
from hypothesis import given
from hypothesis import strategies as st

_CENT = Decimal("0.01")
_AMOUNTS = st.decimals(min_value=-9999, max_value=9999, places=2)
_PERCENTAGES = st.decimals(min_value=-100, max_value=100, places=3)
_ALTERATIONS = st.lists(
    st.tuples(st.booleans(), st.one_of(_AMOUNTS, _PERCENTAGES), st.none() | st.integers(0, 5)),
    max_size=5,
)


def _money(value: Decimal | float, unit: str = "USD") -> dict[str, Any]:
    return {"taxIncludedAmount": {"unit": unit, "value": value}}


def _price(value: Decimal | float, *alterations: dict[str, Any]) -> OrderPrice:
    return OrderPrice.model_validate(
        {"priceType": "recurring", "price": _money(value), "priceAlteration": list(alterations)}
    )


def test_price_without_alterations_is_the_amount() -> None:
    assert amount_of(_price(29.85)).value == Decimal("29.85")


def test_alterations_apply_one_after_the_other_by_priority() -> None:
    add = {"price": _money(10)}
    half = {"price": {"percentage": -50}}

    first_added = amount_of(_price(30, {**half, "priority": 2}, {**add, "priority": 1}))
    first_halved = amount_of(_price(30, {**half, "priority": 1}, {**add, "priority": 2}))

    assert (first_added.value, first_halved.value) == (Decimal("20.00"), Decimal("25.00"))


def test_alterations_without_priority_come_last_in_their_order() -> None:
    unranked = [{"price": _money(10)}, {"price": {"percentage": -50}}]
    ranked = {"price": {"percentage": 100}, "priority": 9}

    amount = amount_of(_price(30, *unranked, ranked))

    assert amount.value == Decimal("35.00")


@pytest.mark.parametrize(
    ("added", "expected"),
    [("0.005", "0.01"), ("0.0049", "0.00"), ("-0.005", "-0.01"), ("-0.0049", "0.00")],
)
def test_half_a_cent_is_rounded_away_from_zero(added: str, expected: str) -> None:
    amount = amount_of(_price(0, {"price": _money(Decimal(added))}))

    assert str(amount.value) == expected


def test_one_piece_is_rounded_before_it_is_multiplied() -> None:
    third = _price(10, {"price": {"percentage": Decimal("-66.667")}})

    assert amount_of(third, quantity=3).value == Decimal("9.99")


def test_sum_below_zero_is_a_credit() -> None:
    assert amount_of(_price(5, {"price": _money(-8)})).value == Decimal("-3.00")


def test_duty_free_amount_counts_where_it_is_the_only_one() -> None:
    price = OrderPrice.model_validate({"price": {"dutyFreeAmount": {"unit": "EUR", "value": 7}}})

    assert (amount_of(price).unit, amount_of(price).value) == ("EUR", Decimal("7.00"))


def test_amount_that_a_json_number_can_not_carry_is_refused() -> None:
    with pytest.raises(InvalidPrice, match="not below"):
        amount_of(_price(999_999_999_999), quantity=2)


@given(base=_AMOUNTS, alterations=_ALTERATIONS, quantity=st.integers(1, 50))
def test_any_price_is_whole_cents_within_half_a_cent_of_exact(
    base: Decimal, alterations: list[tuple[bool, Decimal, int | None]], quantity: int
) -> None:
    altered = [
        {
            "priority": priority,
            "price": _money(value) if absolute or abs(value) > 100 else {"percentage": value},
        }
        for absolute, value, priority in alterations
    ]
    price = _price(base, *altered)
    exact = base
    ordered = sorted(
        price.price_alteration or [], key=lambda a: 99 if a.priority is None else a.priority
    )
    for alteration in ordered:
        exact = _altered(exact, alteration)

    amount = amount_of(price, quantity=quantity)

    assert amount.value % _CENT == 0
    assert abs(amount.value - exact * quantity) <= Decimal("0.005") * quantity
    assert str(amount.value) != "-0.00"


def _altered(amount: Decimal, alteration: PriceAlteration) -> Decimal:
    if alteration.price.percentage is not None:
        return amount * (1 + alteration.price.percentage / 100)
    assert alteration.price.tax_included_amount is not None
    return amount + alteration.price.tax_included_amount.value
