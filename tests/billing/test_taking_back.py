"""What a refund takes: never more than there is, credit before bills, the newest first."""

from decimal import Decimal

from billing_svc.refund.taking_back import Held, Part, take_back
from hypothesis import given
from hypothesis import strategies as st

_AMOUNTS = st.integers(1, 50_000).map(lambda cents: Decimal(cents) / 100)
_SETTLED = st.lists(_AMOUNTS, max_size=3).map(
    lambda amounts: [(f"bill-{n}", amount) for n, amount in enumerate(amounts)]
)
_PAYMENTS = st.lists(st.tuples(st.just(Decimal(0)) | _AMOUNTS, _SETTLED), max_size=4).map(
    lambda found: [Held(f"payment-{n}", *one) for n, one in enumerate(found)]
)


@given(_AMOUNTS, _PAYMENTS)
def test_no_payment_gives_back_more_than_it_has(amount: Decimal, payments: list[Held]) -> None:
    parts = take_back(amount, payments)

    there: dict[tuple[str, str | None], Decimal] = {}
    for payment in payments:
        there[payment.payment_id, None] = payment.credit
        for bill_id, settled in payment.settled:
            there[payment.payment_id, bill_id] = settled
    assert sum(part.amount for part in parts) == min(amount, sum(there.values()))
    assert len({(part.payment_id, part.bill_id) for part in parts}) == len(parts)
    assert all(0 < part.amount <= there[part.payment_id, part.bill_id] for part in parts)


@given(_AMOUNTS, _PAYMENTS)
def test_no_bill_is_opened_while_there_is_credit(amount: Decimal, payments: list[Held]) -> None:
    parts = take_back(amount, payments)

    of_credit = sum(part.amount for part in parts if part.bill_id is None)
    if any(part.bill_id for part in parts):
        assert of_credit == sum(payment.credit for payment in payments)


def test_what_was_settled_last_is_opened_first() -> None:
    older = Held("older", Decimal(0), [("january", Decimal(30))])
    newer = Held("newer", Decimal(5), [("february", Decimal(30)), ("march", Decimal(10))])

    assert take_back(Decimal(50), [older, newer]) == [
        Part("newer", None, Decimal(5)),
        Part("newer", "march", Decimal(10)),
        Part("newer", "february", Decimal(30)),
        Part("older", "january", Decimal(5)),
    ]
