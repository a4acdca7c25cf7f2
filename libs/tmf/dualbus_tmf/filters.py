"""Filters of a list, from query parameters to one jsonpath (TMF630 part 1)."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, cast, get_args

import orjson
from dualbus_events.document import Document
from dualbus_kit.clock import timestamp
from dualbus_kit.errors import Invalid

from dualbus_tmf.attributes import is_scalar, parse_path

Operator = Literal["eq", "ne", "gt", "gte", "lt", "lte", "regex"]
_OPERATORS = frozenset(get_args(Operator))
_SIGNS = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
_NUMBER = re.compile(r"-?(0|[1-9]\d{0,30})(\.\d{1,30})?([eE][+-]?\d{1,2})?")
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(Z|[ +-]\d\d:?\d\d)")
_ALTERNATIVE = re.compile(r"""("[^"]*"|'[^']*'|[^,]*)(?:,|$)""")
_MAX_REGEX = 200
_MAX_FILTERS = 30


class InvalidFilter(Invalid):
    code = "invalidFilter"
    reason = "A query parameter is not valid"


@dataclass(frozen=True, slots=True)
class Filter:
    """`path` must compare as `operator` says with one of `values`."""

    parameter: str
    path: tuple[str, ...]
    operator: Operator
    values: tuple[str, ...]

    @property
    def attribute(self) -> str:
        return ".".join(self.path)


def parse_filters(
    parameters: Iterable[tuple[str, str]], *, document: type[Document]
) -> list[Filter]:
    """The filters in query parameters, paging and the like already taken out.

    Raises InvalidFilter, naming the parameter, for a name that can't be an attribute's, an
    operator that does not exist, or a value that can't be stored and so can't be found.
    """
    filters = [_parse(name, value, document) for name, value in parameters]
    if len(filters) > _MAX_FILTERS:
        raise InvalidFilter(f"More than {_MAX_FILTERS} filters")
    return filters


def _parse(parameter: str, value: str, document: type[Document]) -> Filter:
    path = parse_path(parameter)
    operator: Operator = "eq"
    # TMF620 has an attribute named regex: what the definition knows is no operator.
    if len(path) > 1 and path[-1] in _OPERATORS and not is_scalar(document, path):
        operator, path = cast(Operator, path[-1]), path[:-1]
    if not path:
        raise InvalidFilter(f"{parameter}: not the name of an attribute")
    for length in range(1, len(path)):
        if is_scalar(document, path[:length]):
            raise InvalidFilter(
                f"{parameter}: {path[length]} is neither an operator "
                f"({', '.join(sorted(_OPERATORS))}) nor part of {'.'.join(path[:length])}"
            )
    if "\0" in value or (not value.isascii() and _has_surrogates(value)):
        raise InvalidFilter(f"{parameter}: holds a character that no text may hold")
    if operator == "regex" and len(value) > _MAX_REGEX:
        raise InvalidFilter(f"{parameter}: a pattern may have {_MAX_REGEX} characters")
    return Filter(parameter, path, operator, _alternatives(value, operator))


def _has_surrogates(value: str) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in value)


def _alternatives(value: str, operator: Operator) -> tuple[str, ...]:
    if operator == "regex":
        return (_unquoted(value),)
    parts = [_unquoted(part) for part in _ALTERNATIVE.findall(value)]
    # The pattern finds one empty part more at the end, unless the value ends with a comma.
    parts = parts[:-1] if len(parts) > 1 and not value.endswith(",") else parts
    # A stored text may itself hold a comma: the whole value is an alternative too.
    whole = (*parts, _unquoted(value))
    # Kits ask for `name=+995…` without encoding the +, which arrives as a space.
    numbers = (f"+{one[1:]}" for one in whole if one.startswith(" "))
    return tuple(dict.fromkeys((*whole, *numbers)))


def _unquoted(value: str) -> str:
    """Without one pair of quotes: conformance kits send `orderDate="2026-…"` and `'…'`."""
    if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
        return value[1:-1]
    return value


def moment_of(value: str) -> datetime | None:
    """The moment a value names, or None. The + of `+00:00` may have arrived as a space."""
    found = _MOMENT.fullmatch(value)
    if not found:
        return None
    try:
        return datetime.fromisoformat(found[1] + found[2].replace(" ", "+")).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def jsonpath_of(filters: Sequence[Filter]) -> str:
    """One jsonpath for `body @? path`; a GIN index on the body serves its equalities.

    Filters on the same first-level attribute must hold in the same element of an array:
    `relatedParty.id=7&relatedParty.role=customer` finds what party 7 is the customer of.
    """
    together: dict[str, list[str]] = defaultdict(list)
    conditions: list[str] = []
    for one in filters:
        if one.operator == "ne":
            conditions.append(f"!exists(@{jsonpath_steps(one.path)} ? ({comparison(one)}))")
        else:
            inner = f"exists(@{jsonpath_steps(one.path[1:])} ? ({comparison(one)}))"
            together[one.path[0]].append(inner if one.path[1:] else f"({comparison(one)})")
    for attribute, parts in together.items():
        conditions.append(f"exists(@{jsonpath_steps((attribute,))} ? ({' && '.join(parts)}))")
    return f"$ ? ({' && '.join(conditions)})"


def jsonpath_steps(path: Sequence[str]) -> str:
    """The jsonpath accessors of an attribute's path, to put behind `$` or `@`."""
    return "".join(f".{_literal(step)}" for step in path)


def _literal(text: str) -> str:
    """A jsonpath string; JSON's escapes are a part of jsonpath's."""
    return orjson.dumps(text).decode()


def comparison(one: Filter) -> str:
    """The filter's test of one value, `@`, within a jsonpath."""
    if one.operator == "regex":
        return f"@ like_regex {_literal(one.values[0])}"
    sign = _SIGNS.get(one.operator, "==")
    # A comparison of different JSON types is unknown, never true: "32" and 32 can stand together.
    literals = [text for value in one.values for text in _literals(value, sign)]
    return " || ".join(f"@ {sign} {text}" for text in dict.fromkeys(literals))


def _literals(value: str, sign: str) -> list[str]:
    moment = moment_of(value)
    stored = timestamp(moment) if moment else value
    # Order is by text, so only the stored form of a moment compares right.
    texts = [stored] if sign != "==" else [value, stored]
    literals = [_literal(text) for text in texts]
    if value in ("true", "false") or _NUMBER.fullmatch(value):
        literals.append(value)
    return literals
