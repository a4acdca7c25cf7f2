"""Filters held against JSON in memory, with the meaning they have in a list (see `filters`)."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from dualbus_kit.clock import timestamp

from dualbus_tmf.filters import Filter, moment_of


def matches(filters: Sequence[Filter], value: object, *, depth: int = 1) -> bool:
    """Whether all filters hold. Those that share the first `depth` attributes of their paths must
    hold in the same element of an array. Patterns (`regex`) are not for this: a hostile one could
    run for ever.
    """
    together: dict[tuple[str, ...], list[Filter]] = defaultdict(list)
    for one in filters:
        if one.operator == "ne":
            if any(_equals(one, leaf) for leaf in _at(value, one.path)):
                return False
        else:
            together[one.path[:depth]].append(one)
    return all(
        any(_all_hold(group, element, len(start)) for element in _at(value, start))
        for start, group in together.items()
    )


def _all_hold(filters: Sequence[Filter], element: object, skip: int) -> bool:
    return all(any(_holds(one, leaf) for leaf in _at(element, one.path[skip:])) for one in filters)


def _at(value: object, path: Sequence[str]) -> Iterator[Any]:
    """What stands at a path, arrays unwrapped on the way and at the end."""
    if isinstance(value, list):
        for element in value:
            yield from _at(element, path)
    elif not path:
        yield value
    elif isinstance(value, dict) and path[0] in value:
        yield from _at(value[path[0]], path[1:])


def _holds(one: Filter, leaf: object) -> bool:
    if one.operator == "eq":
        return _equals(one, leaf)
    return any(_compares(one, leaf, value) for value in one.values)


def _equals(one: Filter, leaf: object) -> bool:
    if isinstance(leaf, bool):
        return ("true" if leaf else "false") in one.values
    if isinstance(leaf, int | float):
        return any(_number(value) == leaf for value in one.values)
    return isinstance(leaf, str) and any(leaf in (value, _stored(value)) for value in one.values)


def _compares(one: Filter, leaf: object, value: str) -> bool:
    if isinstance(leaf, str):
        order = (leaf > _stored(value)) - (leaf < _stored(value))
    elif isinstance(leaf, int | float) and (number := _number(value)) is not None:
        order = (leaf > number) - (leaf < number)
    else:
        return False
    return {"gt": order > 0, "gte": order >= 0, "lt": order < 0, "lte": order <= 0}[one.operator]


def _stored(value: str) -> str:
    """Moments are stored in one form, whatever zone a filter names."""
    moment = moment_of(value)
    return timestamp(moment) if moment else value


def _number(value: str) -> float | None:
    try:
        return float(value)
    except ValueError:
        return None
