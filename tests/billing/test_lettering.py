"""Lettering: no payment gives more than it has, no bill gets more than it needs."""

from decimal import Decimal

from billing_svc.payment.lettering import Credit, Debt, Portion, letter
from hypothesis import given
from hypothesis import strategies as st

_AMOUNTS = st.integers(1, 50_000).map(lambda cents: Decimal(cents) / 100)
_IDS = ["a", "b", "c", "d"]


@st.composite
def _credits(draw: st.DrawFn) -> list[Credit]:
    wishes = st.dictionaries(st.sampled_from(_IDS), st.none() | _AMOUNTS, max_size=2)
    return [
        Credit(f"payment-{number}", amount, draw(wishes))
        for number, amount in enumerate(draw(st.lists(_AMOUNTS, max_size=4)))
    ]


def _debts() -> st.SearchStrategy[list[Debt]]:
    amounts = st.lists(_AMOUNTS, max_size=len(_IDS))
    return amounts.map(lambda found: [Debt(*one) for one in zip(_IDS, found, strict=False)])


@given(_credits(), _debts())
def test_money_is_neither_made_nor_lost(payments: list[Credit], bills: list[Debt]) -> None:
    portions = letter(payments, bills)

    for payment in payments:
        given_away = [p.amount for p in portions if p.payment_id == payment.payment_id]
        assert sum(given_away) <= payment.amount
    for bill in bills:
        assert sum(p.amount for p in portions if p.bill_id == bill.bill_id) <= bill.amount
    paid, had = sum(p.amount for p in portions), sum(one.amount for one in payments)
    assert paid == min(had, sum(bill.amount for bill in bills))
    assert len({(p.payment_id, p.bill_id) for p in portions}) == len(portions)


@given(st.lists(_AMOUNTS, max_size=4), _debts())
def test_no_bill_is_paid_while_an_older_one_is_open(
    amounts: list[Decimal], bills: list[Debt]
) -> None:
    portions = letter([Credit(str(n), amount) for n, amount in enumerate(amounts)], bills)

    paid = [sum(p.amount for p in portions if p.bill_id == bill.bill_id) for bill in bills]
    open_at = next((n for n, bill in enumerate(bills) if paid[n] < bill.amount), len(bills))
    assert not any(paid[open_at + 1 :])


def test_payment_goes_first_to_the_bill_it_is_meant_for_and_no_further_than_said() -> None:
    bills = [Debt("old", Decimal(10)), Debt("new", Decimal(10))]

    portions = letter([Credit("p", Decimal(7), {"new": Decimal(4), "lost": None})], bills)

    assert portions == [Portion("p", "new", Decimal(4)), Portion("p", "old", Decimal(3))]


def test_what_a_wish_leaves_goes_to_the_oldest_and_may_come_back_to_it() -> None:
    bills = [Debt("old", Decimal(2)), Debt("new", Decimal(10))]

    portions = letter([Credit("p", Decimal(9), {"new": Decimal(4)})], bills)

    assert portions == [Portion("p", "new", Decimal(7)), Portion("p", "old", Decimal(2))]
