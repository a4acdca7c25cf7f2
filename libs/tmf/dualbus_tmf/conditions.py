"""Filters as SQL conditions: what columns decide, what indexes narrow, what is left to the body."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Column, DateTime, String, Table
from sqlalchemy.dialects.postgresql import JSONB

from dualbus_tmf.filters import Filter, comparison, jsonpath_of, moment_of

# Later than any of several moments is later than the first of them.
_BOUNDS: Mapping[str, tuple[str, Callable[[list[datetime]], datetime]]] = {
    "gt": (">", min),
    "gte": (">=", min),
    "lt": ("<", max),
    "lte": ("<=", max),
}


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of SQL of the code's own, with one `{}` for the place of each value."""

    sql: str
    values: tuple[object, ...] = ()


@dataclass(frozen=True, slots=True)
class Alternatives:
    """A text column that must have one of several values."""

    column: Column[Any]
    values: tuple[str, ...]


@dataclass(slots=True)
class Condition:
    """All that must hold, by what can decide it."""

    alternatives: Alternatives | None = None
    """The only filter that names several values of a text column."""
    columns: list[Part] = field(default_factory=list)
    """Decided by the columns of the resource's own attributes."""
    narrowing: list[Part] = field(default_factory=list)
    """Served by the index of a column that keeps values from inside the body."""
    body: list[Part] = field(default_factory=list)
    between: Column[Any] | None = None
    """The last column that must be before or after a moment."""

    @property
    def outside(self) -> list[Part]:
        several = [_any(self.alternatives)] if self.alternatives else []
        return several + self.columns

    @property
    def inside(self) -> list[Part]:
        return self.narrowing + self.body

    @property
    def everything(self) -> list[Part]:
        return self.outside + self.inside

    @property
    def estimable(self) -> list[Part]:
        """Of bodies the planner knows nothing: it takes one in a hundred."""
        return self.outside + (self.narrowing or self.body)

    @property
    def each_alternative(self) -> list[Part]:
        """Everything, for one of the alternatives: `one.value`."""
        several = (
            [Part(f"{self.alternatives.column.name} = one.value")] if self.alternatives else []
        )
        return several + self.columns + self.inside


class Conditions:
    """How the filters on one table are written; see `Listing` for `columns` and `indexed`."""

    def __init__(
        self, table: Table, columns: Mapping[str, Column[Any]], indexed: Mapping[str, str]
    ) -> None:
        self._columns = columns
        self._indexed = {path: _Indexed.of(table, place) for path, place in indexed.items()}

    def of(self, filters: Sequence[Filter]) -> Condition:
        condition = Condition()
        together = Counter(one.path[0] for one in filters if one.operator != "ne")
        rest = []
        for one in filters:
            column = self._columns.get(one.attribute)
            if column is not None and (part := _by_column(column, one)):
                condition.columns.append(part)
                condition.between = column if one.operator in _BOUNDS else condition.between
            elif column is not None and _is_text(column) and one.operator == "eq":
                self._add_alternatives(condition, Alternatives(column, one.values))
            elif not self._narrow(condition, one, alone=together[one.path[0]] == 1):
                rest.append(one)
        if rest:
            condition.body.append(Part("body @? {}::text::jsonpath", (jsonpath_of(rest),)))
        return condition

    def _add_alternatives(self, condition: Condition, several: Alternatives) -> None:
        if condition.alternatives is None:
            condition.alternatives = several
        else:
            condition.columns.append(_any(several))

    def _narrow(self, condition: Condition, one: Filter, *, alone: bool) -> bool:
        """Add what an index can serve; whether that decides the filter already.

        Two filters on one array must hold in the same of its elements, which only the body knows.
        """
        if one.operator != "eq":
            return False
        if one.path == ("href",):
            ids = [value.rsplit("/", 1)[-1] for value in one.values]
            condition.narrowing.append(Part("id = ANY({}::text[])", (ids,)))
            return False
        place = self._indexed.get(one.attribute)
        if place is None:
            return False
        condition.narrowing.append(place.holds(one))
        return alone and place.exact


@dataclass(frozen=True, slots=True)
class _Indexed:
    """Where the values at a path inside the body are kept once more."""

    column: Column[Any]
    key: str

    @classmethod
    def of(cls, table: Table, place: str) -> "_Indexed":
        name, _, key = place.partition(".")
        return cls(table.c[name], key)

    @property
    def exact(self) -> bool:
        """A text column may have one of several values."""
        return isinstance(self.column.type, JSONB)

    def holds(self, one: Filter) -> Part:
        if not self.exact:
            return Part(f"{self.column.name} = ANY({{}}::text[])", (list(one.values),))
        array = f'$."{self.key}"[*]' if self.key else "$[*]"
        path = f"{array} ? ({comparison(one)})"
        return Part(f"{self.column.name} @? {{}}::text::jsonpath", (path,))


def _any(one: Alternatives) -> Part:
    return Part(f"{one.column.name} = ANY({{}}::text[])", (list(one.values),))


def _is_text(column: Column[Any]) -> bool:
    return isinstance(column.type, String)


def _by_column(column: Column[Any], one: Filter) -> Part | None:
    """The filter as one comparison of the column; None when it is none, or the body must decide."""
    if _is_text(column):
        return _by_text(column, one)
    moments = [moment for value in one.values if (moment := moment_of(value))]
    if not isinstance(column.type, DateTime) or len(moments) != len(one.values):
        return None
    if one.operator == "eq":
        return Part(f"{column.name} = ANY({{}}::timestamptz[])", (moments,))
    if one.operator in _BOUNDS:
        sign, outermost = _BOUNDS[one.operator]
        return Part(f"{column.name} {sign} {{}}::timestamptz", (outermost(moments),))
    return None


def _by_text(column: Column[Any], one: Filter) -> Part | None:
    if one.operator == "eq" and len(one.values) == 1:
        # With = the planner knows that an index on (column, other) is in the order of the other.
        return Part(f"{column.name} = {{}}::text", one.values)
    if one.operator == "ne":
        return Part(f"({column.name} = ANY({{}}::text[])) IS NOT TRUE", (list(one.values),))
    return None
