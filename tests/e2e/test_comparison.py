"""What counts as lost, and what as doubled."""

from tests.e2e.ledger import Comparison


def test_sides_that_agree_have_nothing_lost_or_doubled() -> None:
    alike = Comparison("service", {"a": 1, "b": 2}, {"a": 1, "b": 2, "c": 0})

    assert (alike.lost, alike.doubled, alike.findings()) == (0, 0, [])


def test_what_is_missing_is_lost_and_what_nobody_asked_for_is_doubled() -> None:
    compared = Comparison("service", {"a": 1, "b": 1}, {"b": 3, "c": 1})

    assert (compared.lost, compared.doubled) == (1, 3)
    assert compared.findings() == [
        "service: 0 instead of 1 for a",
        "service: 3 instead of 1 for b",
        "service: 1 instead of 0 for c",
    ]
