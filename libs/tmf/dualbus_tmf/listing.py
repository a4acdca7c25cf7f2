"""The SQL of a list: promoted columns where a repository has them, else one jsonpath."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import asyncpg
from dualbus_events.repository import Repository
from dualbus_kit.database import Connection
from sqlalchemy import Column, DateTime, String
from sqlalchemy.dialects.postgresql import JSONB

from dualbus_tmf.filters import Filter, InvalidFilter, jsonpath_of, moment_of
from dualbus_tmf.list_query import ListQuery, SortKey

# Later than any of several moments is later than the first of them.
_BOUNDS: Mapping[str, tuple[str, Callable[[list[datetime]], datetime]]] = {
    "gt": (">", min),
    "gte": (">=", min),
    "lt": ("<", max),
    "lte": ("<=", max),
}
_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Page:
    """Stored bodies of one page, and how many resources match in all."""

    bodies: list[bytes]
    total: int


@dataclass(frozen=True, slots=True)
class Statements:
    """The page, and the count that is only asked for when the page does not tell it."""

    page: str
    page_values: list[object]
    count: str
    count_values: list[object]


@dataclass
class _Condition:
    """SQL with numbered parameters; names are the code's own, every value is a parameter."""

    parts: list[str] = field(default_factory=list)
    values: list[object] = field(default_factory=list)

    def add(self, sql: str, *values: object) -> None:
        """`sql` has one `{}` for the place of each value."""
        self.parts.append(sql.format(*(self.parameter(value) for value in values)))

    def parameter(self, value: object) -> str:
        self.values.append(value)
        return f"${len(self.values)}"

    @property
    def where(self) -> str:
        return f" WHERE {' AND '.join(self.parts)}" if self.parts else ""


class Listing:
    """Lists of one repository's documents.

    A column with the name of a first-level attribute (`order_date` of `orderDate`) must hold that
    attribute's value: filters and sorting then use it, and its indexes, instead of the body.
    `indexed` names columns that hold at least the values at a path, such as
    `{"relatedParty.id": "party_ids"}` (a text column, or a jsonb array of texts with a GIN index):
    they narrow, the body decides.
    """

    def __init__(
        self, repository: type[Repository[Any]], *, indexed: Mapping[str, str] | None = None
    ) -> None:
        table, document = repository.table, repository.aggregate.document_type
        self._table = table.name
        self._columns: dict[str, Column[Any]] = {
            info.alias or name: table.c[name]
            for name, info in document.model_fields.items()
            if name in repository.columns
        }
        self._columns["id"] = table.c["id"]
        self._indexed = {path: table.c[name] for path, name in (indexed or {}).items()}

    async def page(self, connection: Connection, query: ListQuery) -> Page:
        """One page. Raises InvalidFilter for a pattern that PostgreSQL can't read."""
        statements = self.statements(query)
        try:
            rows = await connection.fetch(
                statements.page, *statements.page_values, timeout=_SECONDS
            )
        except asyncpg.InvalidRegularExpressionError as error:
            patterns = ", ".join(f.parameter for f in query.filters if f.operator == "regex")
            raise InvalidFilter(f"{patterns}: {error.args[0]}") from error
        total = query.offset + len(rows)
        if len(rows) == query.limit or (not rows and query.offset):
            total = await connection.fetchval(
                statements.count, *statements.count_values, timeout=_SECONDS
            )
        return Page([row["body"] for row in rows], total)

    def statements(self, query: ListQuery) -> Statements:
        """The SQL of one list."""
        condition = self._condition(query.filters)
        where, counted = condition.where, list(condition.values)
        order = self._order(query.sort, condition)
        limit, offset = condition.parameter(query.limit), condition.parameter(query.offset)
        return Statements(
            page=f"SELECT body FROM {self._table}{where} "  # noqa: S608 - see _Condition
            f"ORDER BY {order} LIMIT {limit} OFFSET {offset}",
            page_values=condition.values,
            count=f"SELECT count(*) FROM {self._table}{where}",  # noqa: S608 - see _Condition
            count_values=counted,
        )

    def _condition(self, filters: Sequence[Filter]) -> _Condition:
        condition = _Condition()
        rest: list[Filter] = []
        for one in filters:
            column = self._columns.get(one.attribute)
            if column is None or not _by_column(condition, column, one):
                self._narrow(condition, one)
                rest.append(one)
        if rest:
            condition.add("body @? {}::text::jsonpath", jsonpath_of(rest))
        return condition

    def _narrow(self, condition: _Condition, one: Filter) -> None:
        if one.operator != "eq":
            return
        column = self._indexed.get(one.attribute)
        if one.path == ("href",):
            ids = [value.rsplit("/", 1)[-1] for value in one.values]
            condition.add("id = ANY({}::text[])", ids)
        elif column is not None and isinstance(column.type, JSONB):
            condition.add(f"{column.name} ?| {{}}::text[]", list(one.values))
        elif column is not None:
            condition.add(f"{column.name} = ANY({{}}::text[])", list(one.values))

    def _order(self, keys: Sequence[SortKey], condition: _Condition) -> str:
        return ", ".join([*(self._sort(key, condition) for key in keys), "id"])

    def _sort(self, key: SortKey, condition: _Condition) -> str:
        direction = "DESC" if key.descending else "ASC"
        column = self._columns.get(".".join(key.path))
        if column is not None:
            # An index can give the order only when its place for nulls is not overridden.
            return f"{column.name} {direction}" + (" NULLS LAST" if column.nullable else "")
        path = condition.parameter("$" + "".join(f'."{step}"' for step in key.path))
        value = f"jsonb_path_query_first(body, {path}::text::jsonpath)"
        return f"{value} {direction} NULLS LAST"


def _by_column(condition: _Condition, column: Column[Any], one: Filter) -> bool:
    """Add the filter as a comparison of the column; False when only the body can decide."""
    if isinstance(column.type, String):
        if one.operator == "eq":
            condition.add(f"{column.name} = ANY({{}}::text[])", list(one.values))
            return True
        if one.operator == "ne":
            condition.add(f"({column.name} = ANY({{}}::text[])) IS NOT TRUE", list(one.values))
            return True
    moments = [moment for value in one.values if (moment := moment_of(value))]
    if not isinstance(column.type, DateTime) or len(moments) != len(one.values):
        return False
    if one.operator == "eq":
        condition.add(f"{column.name} = ANY({{}}::timestamptz[])", moments)
    elif one.operator in _BOUNDS:
        sign, outermost = _BOUNDS[one.operator]
        condition.add(f"{column.name} {sign} {{}}::timestamptz", outermost(moments))
    else:
        return False
    return True
