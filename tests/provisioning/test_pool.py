"""Pools as rules: which values there are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from provisioning_svc.resource.pool import InvalidPool, luhn_digit, pool_of


def test_numbers_are_padded_behind_their_prefix() -> None:
    pool = pool_of({"pool": {"prefix": "+9955", "width": 7, "first": 1, "last": 9_999_999}})

    assert pool is not None
    assert pool.value(1) == "+99550000001"
    assert pool.value(9_999_999) == "+99559999999"


def test_width_is_that_of_a_first_value_given_as_text() -> None:
    pool = pool_of({"pool": {"prefix": "PORT-", "first": "001", "last": "999"}})

    assert pool is not None
    assert pool.value(7) == "PORT-007"


@pytest.mark.parametrize(("text", "digit"), [("7992739871", "3"), ("411111111111111", "1")])
def test_luhn_digit_is_that_of_known_numbers(text: str, digit: str) -> None:
    assert luhn_digit(text) == digit


@given(st.integers(0, 10**17), st.integers(0, 10**17), st.booleans())
def test_different_numbers_are_different_values(one: int, other: int, luhn: bool) -> None:
    pool = pool_of({"pool": {"prefix": "8", "width": 18, "first": 0, "last": 10**17, "luhn": luhn}})

    assert pool is not None
    assert (pool.value(one) == pool.value(other)) == (one == other)


def test_specification_without_a_pool_has_none() -> None:
    assert pool_of({"id": "router"}) is None


@pytest.mark.parametrize(
    ("pool", "what"),
    [
        ({"first": 5, "last": 4}, "first must be 0 or more"),
        ({"first": -1, "last": 4}, "first must be 0 or more"),
        ({"first": 1}, "pool.last"),
        ({"first": 1, "last": 10**18}, "18 digits"),
        ({"first": "one", "last": 2}, "pool.first"),
        ([], "pool"),
    ],
)
def test_pool_that_makes_no_sense_is_refused_with_the_reason(pool: object, what: str) -> None:
    with pytest.raises(InvalidPool, match=what):
        pool_of({"pool": pool})
