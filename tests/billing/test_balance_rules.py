"""What actions do to buckets, without a server: no order of them makes or loses an amount."""

from decimal import Decimal
from typing import Any

import pytest
from billing_svc.balance_action.aggregate import BalanceAction
from billing_svc.balance_action.errors import InvalidAmount
from billing_svc.balance_action.reserve_balance import ReserveBalance
from billing_svc.balance_action.topup_balance import AdjustBalance, TopupBalance
from billing_svc.balance_action.transfer_balance import TransferBalance
from billing_svc.bucket.aggregate import Bucket
from billing_svc.bucket.movement import Movement, move
from billing_svc.bucket.opening import BucketRequest, opened
from dualbus_events.unit_of_work import UnitOfWork
from dualbus_kit.ids import new_id
from dualbus_tmf.states import IllegalStateMove
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

ZERO = Decimal(0)
NAMES = ("a", "b", "c")
CENTS = st.decimals(min_value="0.01", max_value="50", places=2)
HREFS: Any = UnitOfWork(None, source="test", public_url="http://test")  # type: ignore[arg-type]


def euros(amount: Decimal) -> dict[str, Any]:
    return {"amount": amount, "units": "EUR"}


def body(bucket: str, amount: Decimal | None, /, **more: Any) -> dict[str, Any]:
    given = {} if amount is None else {"amount": euros(amount)}
    return {
        "id": new_id(),
        "status": "created",
        "requestedDate": "2026-01-31T09:30:00Z",
        "bucket": {"id": bucket},
        "usageType": "monetary",
        "partyAccount": {"id": "of all"},
        **given,
        **more,
    }


def a_topup(bucket: str, amount: Decimal, /, **more: Any) -> TopupBalance:
    return TopupBalance(TopupBalance.document_type.model_validate(body(bucket, amount, **more)))


def an_adjustment(bucket: str, amount: Decimal, /, **more: Any) -> AdjustBalance:
    return AdjustBalance(AdjustBalance.document_type.model_validate(body(bucket, amount, **more)))


def a_transfer(source: str, target: str, amount: Decimal, /, **more: Any) -> TransferBalance:
    whole = body(source, amount, receiverBucket={"id": target}, **more)
    return TransferBalance(TransferBalance.document_type.model_validate(whole))


def a_reservation(bucket: str, amount: Decimal | None, /, **more: Any) -> ReserveBalance:
    return ReserveBalance(ReserveBalance.document_type.model_validate(body(bucket, amount, **more)))


def a_bucket(name: str, amount: Decimal = ZERO) -> Bucket:
    bucket = opened(BucketRequest.of(a_topup(name, Decimal(1)).document), {}, HREFS)
    if amount:
        move([Movement(bucket, remaining=amount)])
    return bucket


def error_of(action: BalanceAction[Any]) -> str | None:
    error = action.document.error
    return error.code if error else None


class Balances(RuleBasedStateMachine):
    """Three buckets, and a model of what must be on each and held on each."""

    def __init__(self) -> None:
        super().__init__()
        self.buckets = {name: a_bucket(name) for name in NAMES}
        self.left = dict.fromkeys(NAMES, ZERO)
        self.held = dict.fromkeys(NAMES, ZERO)
        self.reservations: list[ReserveBalance] = []

    def _available(self, name: str) -> Decimal:
        return self.left[name] - self.held[name]

    def _carry_out(self, action: BalanceAction[Any], *, covered: bool) -> bool:
        versions = {name: bucket.version for name, bucket in self.buckets.items()}
        action.carry_out(self.buckets)
        failed = action.document.status == "failed"
        assert failed is not covered, error_of(action)
        if failed:
            assert error_of(action) in ("balanceNotCovered", "sameBucket")
            assert versions == {name: bucket.version for name, bucket in self.buckets.items()}
        return covered

    @rule(name=st.sampled_from(NAMES), amount=CENTS)
    def top_up(self, name: str, amount: Decimal) -> None:
        self._carry_out(a_topup(name, amount), covered=True)
        self.left[name] += amount

    @rule(name=st.sampled_from(NAMES), amount=CENTS)
    def deduct(self, name: str, amount: Decimal) -> None:
        covered = amount <= self._available(name)
        if self._carry_out(an_adjustment(name, -amount), covered=covered):
            self.left[name] -= amount

    @rule(
        source=st.sampled_from(NAMES),
        receiver=st.sampled_from(NAMES),
        amount=CENTS,
        cost=st.none() | CENTS,
        owner=st.sampled_from(("originator", "receiver")),
    )
    def transfer(
        self, source: str, receiver: str, amount: Decimal, cost: Decimal | None, owner: str
    ) -> None:
        more = {"transferCost": {"unit": "EUR", "value": cost}} if cost else {}
        action = a_transfer(source, receiver, amount, costOwner=owner, **more)
        after = self.left | {
            source: self.left[source] - amount,
            receiver: self.left[receiver] + amount,
        }
        bearer = receiver if owner == "receiver" else source
        after[bearer] -= cost or ZERO
        covered = source != receiver and all(after[name] >= self.held[name] for name in NAMES)
        if self._carry_out(action, covered=covered):
            self.left = after

    @rule(name=st.sampled_from(NAMES), amount=st.none() | CENTS)
    def reserve(self, name: str, amount: Decimal | None) -> None:
        available = self._available(name)
        covered = available > 0 if amount is None else amount <= available
        reservation = a_reservation(name, amount)
        if self._carry_out(reservation, covered=covered):
            self.reservations.append(reservation)
            self.held[name] += available if amount is None else amount

    @rule(data=st.data(), how=st.sampled_from(("completed", "cancelled", "failed", "deleted")))
    def settle(self, data: st.DataObject, how: str) -> None:
        if not self.reservations:
            return
        at = data.draw(st.integers(0, len(self.reservations) - 1))
        reservation = self.reservations.pop(at)
        name, held = reservation.document.bucket.id, reservation.held
        if how == "deleted":
            reservation.delete(self.buckets)
        else:
            reservation.patch({"status": how}, self.buckets)
            with pytest.raises(IllegalStateMove):
                reservation.settle("cancelled", self.buckets)
        self.held[name] -= held
        self.left[name] -= held if how == "completed" else ZERO

    @invariant()
    def each_bucket_is_as_the_model(self) -> None:
        for name, bucket in self.buckets.items():
            assert (bucket.remaining, bucket.reserved) == (self.left[name], self.held[name])
            assert 0 <= bucket.reserved <= bucket.remaining

    @invariant()
    def what_is_held_is_what_reservations_hold(self) -> None:
        for name, bucket in self.buckets.items():
            holding = [r.held for r in self.reservations if r.document.bucket.id == name]
            assert sum(holding, ZERO) == bucket.reserved


TestBalances = Balances.TestCase
TestBalances.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"usageType": "data"}, "wrongUsageType"),
        ({"amount": {"amount": 1, "units": "USD"}}, "wrongUnits"),
        ({"partyAccount": {"id": "another"}}, "bucketOfAnother"),
        ({"bucket": {"id": "nowhere"}}, "bucketUnknown"),
        ({"amount": euros(Decimal("999999999999999.9"))}, "balanceNotExact"),
    ],
)
def test_an_adjustment_that_the_bucket_does_not_allow_changes_nothing(
    changes: dict[str, Any], code: str
) -> None:
    bucket = a_bucket("a", Decimal("0.5"))
    adjustment = an_adjustment("a", Decimal(1), **changes)

    adjustment.carry_out({"a": bucket})

    assert error_of(adjustment) == code
    assert adjustment.recorded[-1].event_type.name == "AdjustBalanceFailureEvent"
    assert (bucket.remaining, bucket.version) == (Decimal("0.5"), 1)


def test_a_transfer_whose_cost_is_not_covered_moves_nothing() -> None:
    buckets = {"a": a_bucket("a", Decimal(10)), "b": a_bucket("b", Decimal(1))}
    cost = {"transferCost": {"unit": "EUR", "value": Decimal("0.01")}}
    transfer = a_transfer("a", "b", Decimal(10), **cost)

    transfer.carry_out(buckets)

    assert error_of(transfer) == "balanceNotCovered"
    assert [bucket.remaining for bucket in buckets.values()] == [10, 1]


def test_what_is_held_is_spent_though_the_bucket_has_expired() -> None:
    bucket = a_bucket("a", Decimal(10))
    reservation = a_reservation("a", Decimal(4))
    reservation.carry_out({"a": bucket})
    bucket.expire()

    reservation.patch({"status": "completed"}, {"a": bucket})
    refused = [an_adjustment("a", Decimal(amount)) for amount in (-1, 1)]
    for adjustment in refused:
        adjustment.carry_out({"a": bucket})

    assert (bucket.remaining, bucket.reserved) == (Decimal(6), ZERO)
    assert [error_of(one) for one in refused] == ["bucketExpired", "bucketExpired"]


@pytest.mark.parametrize("amount", ["0", "-1", "1e15", "0.0000000001", "100000000.000000001"])
def test_an_amount_that_no_json_number_carries_or_that_moves_nothing_is_invalid(
    amount: str,
) -> None:
    with pytest.raises(InvalidAmount):
        a_topup("a", Decimal(amount)).check()


def test_an_adjustment_may_be_negative_but_moves_something() -> None:
    an_adjustment("a", Decimal(-1)).check()
    with pytest.raises(InvalidAmount):
        an_adjustment("a", ZERO).check()
