"""Reading filters: names, operators, quotes, alternatives, and the jsonpath they become."""

import pytest
from dualbus_events.contract.catalog import ProductSpecification
from dualbus_events.contract.order import ProductOrder
from dualbus_tmf.filters import Filter, InvalidFilter, jsonpath_of, moment_of, parse_filters
from hypothesis import given
from hypothesis import strategies as st


def parsed(name: str, value: str) -> Filter:
    [found] = parse_filters([(name, value)], document=ProductOrder)
    return found


@pytest.mark.parametrize(
    ("name", "path", "operator"),
    [
        ("state", ("state",), "eq"),
        ("state.ne", ("state",), "ne"),
        ("relatedParty.id", ("relatedParty", "id"), "eq"),
        ("relatedParty.@referredType", ("relatedParty", "@referredType"), "eq"),
        ("orderDate.gte", ("orderDate",), "gte"),
        ("productOrderItem.product.id.regex", ("productOrderItem", "product", "id"), "regex"),
        ("own.thing.lt", ("own", "thing"), "lt"),
        ("gt", ("gt",), "eq"),
    ],
)
def test_name_is_a_path_and_perhaps_an_operator(
    name: str, path: tuple[str, ...], operator: str
) -> None:
    found = parsed(name, "x")

    assert (found.path, found.operator) == (path, operator)


def test_attribute_that_the_definition_names_like_an_operator_is_an_attribute() -> None:
    name = "productSpecCharacteristic.regex"

    [found] = parse_filters([(name, "x")], document=ProductSpecification)

    assert (found.path, found.operator) == (tuple(name.split(".")), "eq")


@pytest.mark.parametrize(
    ("value", "values"),
    [
        ("a", ("a",)),
        ("", ("",)),
        ("a,b", ("a", "b", "a,b")),
        ("a,", ("a", "", "a,")),
        ('"a"', ("a",)),
        ("'a'", ("a",)),
        ('"a,b"', ("a,b",)),
        ("\"a,b\",'c'", ("a,b", "c", "\"a,b\",'c'")),
        ('""a""', ('"a"',)),
        ("O'Brien", ("O'Brien",)),
        ('"', ('"',)),
        ('"a', ('"a',)),
        (" 995 1", (" 995 1", "+995 1")),
        ('" 995"', (" 995", "+995")),
        ("a, b", ("a", " b", "a, b", "+b")),
    ],
)
def test_value_is_alternatives_without_one_pair_of_quotes(
    value: str, values: tuple[str, ...]
) -> None:
    assert parsed("description", value).values == values


def test_pattern_is_not_taken_apart_at_its_commas() -> None:
    assert parsed("description.regex", '"a{1,3}"').values == ("a{1,3}",)


@pytest.mark.parametrize(
    "name",
    [
        "state.like",
        "orderDate.x",
        "relatedParty.id.in",
        "a b",
        "a'",
        "",
        ".",
        "a.",
        "1a",
        "ä",
        "a$",
    ],
)
def test_name_that_is_none_is_refused_by_name(name: str) -> None:
    with pytest.raises(InvalidFilter) as refused:
        parsed(name, "x")

    assert str(refused.value).startswith(f"{name}: ")


@pytest.mark.parametrize("value", ["\0", "a\ud800"])
def test_value_that_no_text_may_hold_is_refused(value: str) -> None:
    with pytest.raises(InvalidFilter, match=r"^state: "):
        parsed("state", value)


def test_more_filters_than_anyone_needs_are_refused() -> None:
    with pytest.raises(InvalidFilter, match="More than"):
        parse_filters([("a", "1")] * 31, document=ProductOrder)


@given(st.text(max_size=40), st.text(max_size=40))
def test_any_query_is_parsed_or_refused(name: str, value: str) -> None:
    try:
        found = parse_filters([(name, value)], document=ProductOrder)
    except InvalidFilter:
        return

    assert jsonpath_of(found).startswith("$ ? (")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("2026-01-01T00:00:00Z", "2026-01-01T00:00:00+00:00"),
        ("2026-01-01T01:30:00+01:30", "2026-01-01T00:00:00+00:00"),
        ("2026-01-01T00:00:00.5 00:00", "2026-01-01T00:00:00.500000+00:00"),
        ("2025-12-31T19:00-0500", "2026-01-01T00:00:00+00:00"),
        ("2026-01-01", None),
        ("2026-01-01T00:00:00", None),
        ("2026-13-01T00:00:00Z", None),
        ("0001-01-01T00:00:00+14:00", None),
        ("now", None),
    ],
)
def test_moment_is_read_whatever_its_zone(value: str, text: str | None) -> None:
    moment = moment_of(value)

    assert (moment.isoformat() if moment else None) == text


def test_filters_on_one_attribute_meet_in_one_jsonpath_condition() -> None:
    filters = parse_filters(
        [("relatedParty.id", "7"), ("relatedParty.role", "customer"), ("state.ne", "held")],
        document=ProductOrder,
    )

    assert jsonpath_of(filters) == (
        '$ ? (!exists(@."state" ? (@ == "held")) && exists(@."relatedParty" ? '
        '(exists(@."id" ? (@ == "7" || @ == 7)) && exists(@."role" ? (@ == "customer")))))'
    )
