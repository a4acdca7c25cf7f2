"""The statements of a list: along an order, gathered by an index first, counted, estimated."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Column, Table

from dualbus_tmf.conditions import Condition, Part
from dualbus_tmf.filters import jsonpath_steps
from dualbus_tmf.list_query import ListQuery, SortKey

_WALKED_PER_WANTED: Final = 100
_WALKED_LEAST: Final = 10_000


@dataclass(frozen=True, slots=True)
class Statement:
    sql: str
    values: list[object]


@dataclass(frozen=True, slots=True)
class _Key:
    expression: Part
    direction: str
    column: Column[Any] | None


@dataclass
class _Writer:
    """Numbers the parameters of one statement as they are written; every value is one."""

    values: list[object] = field(default_factory=list)

    def write(self, part: Part) -> str:
        return part.sql.format(*(self.parameter(value) for value in part.values))

    def parameter(self, value: object) -> str:
        self.values.append(value)
        return f"${len(self.values)}"

    def where(self, parts: Sequence[Part]) -> str:
        return " WHERE " + " AND ".join(map(self.write, parts)) if parts else ""

    def named(self, keys: Sequence[_Key]) -> str:
        """What is sorted by, as columns to select; see `_by_name`."""
        return "".join(f", {self.write(key.expression)} AS k{n}" for n, key in enumerate(keys))

    def order(self, keys: Sequence[_Key]) -> str:
        """The id comes last in every order."""
        return ", ".join([f"{self.write(k.expression)} {k.direction}" for k in keys] + ["id"])


class ListSql:
    """The statements of one list. Names are the code's own, every value is a parameter."""

    def __init__(
        self,
        table: Table,
        columns: Mapping[str, Column[Any]],
        condition: Condition,
        query: ListQuery,
    ) -> None:
        self._table = table
        self._condition = condition
        self._query = query
        self._keys = [_key(key, columns) for key in query.sort] or _usual_order(condition)

    @property
    def served_by_index(self) -> bool:
        """Whether an index finds what looks inside the body."""
        in_body = self._condition.body and _leads_index(self._table.c["body"])
        return bool(self._condition.narrowing or in_body)

    @property
    def along_index(self) -> bool:
        """Whether an index gives the order."""
        column = self._keys[0].column if self._keys else self._table.c["id"]
        return column is not None and _leads_index(column)

    def page(self) -> Statement:
        """The page, found along its order or by whatever the planner thinks best."""
        several = self._condition.alternatives
        if several is not None and self._alternatives_are_ordered(several.column):
            return self._merged(several.values)
        writer = _Writer()
        sql = f"SELECT body FROM {self._table.name}{writer.where(self._condition.everything)}"  # noqa: S608
        return self._paged(sql, writer)

    def gathered(self, at_most: int | None) -> Statement:
        """First all that match, by an index, and only then their order: a page, and `total`.

        A page without a body still has the row that tells the total.

        The planner does not know how many there are: asked for ten in the order of a date, it may
        walk the whole table along the dates in search of them.
        """
        writer = _Writer()
        named = writer.named(self._keys)
        matching = f"FROM {self._table.name}{writer.where(self._condition.everything)}"
        limit = "" if at_most is None else f" LIMIT {at_most}"
        order = _by_name(self._keys)
        sql = (
            f"WITH matching AS MATERIALIZED (SELECT id{named} {matching}{limit}), "  # noqa: S608
            f"page AS (SELECT id, row_number() OVER (ORDER BY {order}) AS place FROM matching "
            f"ORDER BY place LIMIT {writer.parameter(self._query.limit)} "
            f"OFFSET {writer.parameter(self._query.offset)}) "
            "SELECT body, counted.total FROM (SELECT count(*) AS total FROM matching) AS counted "
            f"LEFT JOIN (page JOIN {self._table.name} USING (id)) ON true ORDER BY page.place"
        )
        return Statement(sql, writer.values)

    def walked(self) -> Statement:
        """The page of what is dense: a bounded walk along the order."""
        writer = _Writer()
        steps = max(self.wanted * _WALKED_PER_WANTED, _WALKED_LEAST)
        walk = (
            f"SELECT * FROM {self._table.name}{writer.where(self._condition.outside)} "  # noqa: S608
            f"ORDER BY {writer.order(self._keys)} LIMIT {steps}"
        )
        found = writer.where(self._condition.inside)
        return self._paged(f"SELECT body FROM ({walk}) AS {self._table.name}{found}", writer)  # noqa: S608

    def count(self, at_most: int) -> Statement:
        writer = _Writer()
        matching = f"FROM {self._table.name}{writer.where(self._condition.everything)}"
        sql = f"SELECT count(*) FROM (SELECT {matching} LIMIT {at_most}) counted"  # noqa: S608
        return Statement(sql, writer.values)

    def estimate(self) -> Statement:
        """Nothing is read: the planner says how many it expects."""
        writer = _Writer()
        matching = f"FROM {self._table.name}{writer.where(self._condition.estimable)}"
        return Statement(f"EXPLAIN (FORMAT JSON) SELECT {matching}", writer.values)

    @property
    def wanted(self) -> int:
        """How many must be found to know the page."""
        return self._query.offset + self._query.limit

    def _alternatives_are_ordered(self, column: Column[Any]) -> bool:
        """Whether an index has, within one value of the column, the order that is asked for."""
        first = self._keys[0].column if self._keys else self._table.c["id"]
        return any(
            [one.name for one in index.columns][:2] == [column.name, first.name]
            for index in self._table.indexes
            if first is not None
        )

    def _merged(self, values: Sequence[str]) -> Statement:
        """The first of each alternative, by its index: in the whole order they may be anywhere."""
        writer = _Writer()
        named = writer.named(self._keys)
        one = (
            f"SELECT id, body{named} FROM {self._table.name}"  # noqa: S608
            f"{writer.where(self._condition.each_alternative)} "
            f"ORDER BY {writer.order(self._keys)} LIMIT {writer.parameter(self.wanted)}"
        )
        order = _by_name(self._keys)
        sql = (
            "SELECT found.body "  # noqa: S608
            f"FROM unnest({writer.parameter(list(values))}::text[]) AS one(value) "
            f"CROSS JOIN LATERAL ({one}) AS found ORDER BY {order} "
            f"LIMIT {writer.parameter(self._query.limit)} "
            f"OFFSET {writer.parameter(self._query.offset)}"
        )
        return Statement(sql, writer.values)

    def _paged(self, sql: str, writer: _Writer) -> Statement:
        order = writer.order(self._keys)
        limit = writer.parameter(self._query.limit)
        offset = writer.parameter(self._query.offset)
        return Statement(f"{sql} ORDER BY {order} LIMIT {limit} OFFSET {offset}", writer.values)


def _by_name(keys: Sequence[_Key]) -> str:
    """The order by the columns that `named` selects."""
    return ", ".join([f"k{n} {key.direction}" for n, key in enumerate(keys)] + ["id"])


def _usual_order(condition: Condition) -> list[_Key]:
    """By id, but moments between two others in their own order: ids may lie anywhere else."""
    column = condition.between
    return [] if column is None or not _leads_index(column) else [_along(column, "ASC")]


def _along(column: Column[Any], direction: str) -> _Key:
    # An index can give the order only when its place for nulls is not overridden.
    nulls = " NULLS LAST" if column.nullable else ""
    return _Key(Part(column.name), direction + nulls, column)


def _key(key: SortKey, columns: Mapping[str, Column[Any]]) -> _Key:
    direction = "DESC" if key.descending else "ASC"
    column = columns.get(".".join(key.path))
    if column is not None:
        return _along(column, direction)
    path = f"${jsonpath_steps(key.path)}"
    found = Part("jsonb_path_query_first(body, {}::text::jsonpath)", (path,))
    return _Key(found, f"{direction} NULLS LAST", None)


def _leads_index(column: Column[Any]) -> bool:
    if column.primary_key:
        return True
    return any(list(index.columns)[:1] == [column] for index in column.table.indexes)
