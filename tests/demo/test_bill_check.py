"""Bills are compared one by one: two errors that even out are still two errors."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from dualbus_cli.demo.bills import check_bills, next_month
from dualbus_cli.demo.channels import TakenOrder
from dualbus_cli.demo.order_plan import Fate, PlannedOrder
from dualbus_cli.demo.timing import Times


def an_order(customer: str, monthly: str, fate: Fate = "completed") -> TakenOrder:
    plan = PlannedOrder(
        customer_id=customer,
        channel="shop",
        party_path="",
        party={},
        customer={},
        order={"externalId": customer, "productOrderItem": []},
        fate=fate,
        group="file",
        monthly=Decimal(monthly),
    )
    return TakenOrder(plan, f"order-{customer}", datetime(2026, 11, 22, tzinfo=UTC), 0.01)


ORDERS = [an_order("a", "10.00"), an_order("b", "20.50")]


def test_bills_that_are_all_right_add_up() -> None:
    check = check_bills(ORDERS, {"a": [Decimal("10")], "b": [Decimal("20.5")]})

    assert (check.bills, check.total, check.expected) == (2, Decimal("30.5"), Decimal("30.50"))
    assert check.wrong == []


def test_errors_that_even_out_are_found() -> None:
    check = check_bills(ORDERS, {"a": [Decimal("10.01")], "b": [Decimal("20.49")]})

    assert check.total == check.expected
    assert [customer for customer, *_ in check.wrong] == ["a", "b"]


def test_a_bill_that_is_missing_or_there_twice_is_wrong() -> None:
    check = check_bills(ORDERS, {"b": [Decimal("20.5"), Decimal("20.5")]})

    assert check.wrong == [
        ("a", None, Decimal("10.00")),
        ("b", Decimal("41.0"), Decimal("20.50")),
    ]


def test_a_bill_for_an_order_that_was_cancelled_is_wrong() -> None:
    check = check_bills([an_order("c", "5", "cancelled")], {"c": [Decimal("5")]})

    assert check.wrong == [("c", Decimal("5"), Decimal("0"))]


@pytest.mark.parametrize(
    ("today", "month"),
    [
        (date(2026, 11, 22), "2026-12"),
        (date(2026, 12, 31), "2027-01"),
        (date(2027, 1, 1), "2027-02"),
    ],
)
def test_the_next_month_is_the_first_that_is_charged_in_full(today: date, month: str) -> None:
    assert next_month(today) == month


def test_quantiles_are_measured_values() -> None:
    times = Times.of([float(n) for n in range(1, 101)])

    assert (times.p50, times.p99, times.count) == (50.0, 99.0, 100)
    assert Times.of([7.0]) == Times(7.0, 7.0, 1)
