"""What prices come to: the same cents that billing-svc charges."""

from decimal import Decimal
from typing import Any

from billing_svc.charge.pricing import amount_of
from dualbus_events.contract.order import OrderPrice
from hypothesis import given
from hypothesis import strategies as st
from order_svc.pricing.totals import piece_amount, total_prices

_amounts = st.decimals(-10_000, 10_000, places=2)
_alterations = st.one_of(
    st.fixed_dictionaries({"percentage": st.decimals(-100, 100, places=1)}),
    st.builds(lambda value: {"taxIncludedAmount": {"unit": "EUR", "value": value}}, _amounts),
)


def _price(kind: str, amount: Decimal, alterations: list[Any]) -> OrderPrice:
    altered = [{"priority": n, "price": one} for n, one in enumerate(alterations)]
    whole = {"taxIncludedAmount": {"unit": "EUR", "value": amount}}
    return OrderPrice.model_validate(
        {"priceType": kind, "price": whole, "priceAlteration": altered or None}
    )


_prices = st.builds(
    _price,
    st.sampled_from(["recurring", "oneTime"]),
    _amounts,
    st.lists(_alterations, max_size=3),
)


@given(st.lists(st.tuples(_prices, st.integers(1, 50)), max_size=6))
def test_total_is_what_would_be_charged_to_the_cent(items: list[tuple[OrderPrice, int]]) -> None:
    total = total_prices(([price], quantity) for price, quantity in items)

    charged: dict[str | None, Decimal] = {}
    for price, quantity in items:
        amount = amount_of(price, quantity=quantity).value
        charged[price.price_type] = charged.get(price.price_type, Decimal()) + amount
    worked_out = {
        one.price_type: one.price.tax_included_amount.value
        for one in total
        if one.price and one.price.tax_included_amount
    }
    assert worked_out == charged


def test_sums_of_different_currencies_and_periods_stay_apart() -> None:
    prices = [
        OrderPrice.model_validate(
            {
                "priceType": "recurring",
                "recurringChargePeriod": period,
                "price": {"taxIncludedAmount": {"unit": unit, "value": 10}},
            }
        )
        for unit, period in (("EUR", "month"), ("EUR", "year"), ("USD", "month"), ("EUR", "month"))
    ]

    total = total_prices([(prices, 2)])

    amounts = [one.price.tax_included_amount for one in total if one.price]
    worked_out = [(one.unit, int(one.value)) for one in amounts if one]
    assert worked_out == [("EUR", 40), ("EUR", 20), ("USD", 20)]


def test_price_without_an_amount_is_no_amount() -> None:
    assert piece_amount(OrderPrice(name="on request")) is None
