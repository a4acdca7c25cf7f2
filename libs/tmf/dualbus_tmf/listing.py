"""The SQL of a list: promoted columns where a repository has them, else one jsonpath."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import asyncpg
import orjson
from dualbus_events.repository import Repository
from dualbus_kit.database import Connection
from dualbus_kit.errors import Unavailable
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
SECONDS = 3.0
"""The longest that one statement of a list may take; then the database is told to stop."""

EXACT = 10_000
"""Up to so many matches are counted; of more, the planner's estimate is told (ADR 17)."""


class ListTooSlow(Unavailable):
    code = "listTooSlow"
    reason = "The list takes too long; narrow it by filters that an index serves"


@dataclass(frozen=True, slots=True)
class Page:
    """Stored bodies of one page, and how many resources match in all; `estimated` above EXACT."""

    bodies: list[bytes]
    total: int
    estimated: bool = False


@dataclass(frozen=True, slots=True)
class Statement:
    sql: str
    values: list[object]


@dataclass(frozen=True, slots=True)
class Statements:
    """What a list may need.

    `gathered` is the page and the exact number at once, for filters that only the body's index
    serves: None without one, and of no use above EXACT matches. `page` goes along an order,
    `count` stops after EXACT + 1, `estimate` asks the planner.
    """

    gathered: Statement | None
    page: Statement
    count: Statement
    estimate: Statement


@dataclass
class _Condition:
    """SQL with numbered parameters; names are the code's own, every value is a parameter."""

    parts: list[str] = field(default_factory=list)
    values: list[object] = field(default_factory=list)
    by_body: bool = False
    """Whether a part of it can only be decided by the body."""

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
        """One page.

        Raises InvalidFilter for a pattern that PostgreSQL can't read, ListTooSlow (503) when no
        index serves what was asked and the table is large.
        """
        try:
            return await self._page(connection, query)
        except asyncpg.InvalidRegularExpressionError as error:
            patterns = ", ".join(f.parameter for f in query.filters if f.operator == "regex")
            raise InvalidFilter(f"{patterns}: {error.args[0]}") from error
        except (TimeoutError, asyncpg.QueryCanceledError) as error:
            raise ListTooSlow(f"{self._table}: not found within {SECONDS:.0f} s") from error

    async def _page(self, connection: Connection, query: ListQuery) -> Page:
        statements = self.statements(query)
        counted = 0
        if statements.gathered:
            rows = await _fetch(connection, statements.gathered)
            counted = rows[0]["total"] if rows else 0
            if rows and counted <= EXACT:
                return Page([row["body"] for row in rows], counted)
        rows = await _fetch(connection, statements.page)
        bodies = [row["body"] for row in rows]
        seen = query.offset + len(rows)
        behind_the_end = not rows and query.offset > 0
        if len(rows) < query.limit and not behind_the_end:
            return Page(bodies, seen)
        if not counted:
            [[counted]] = await _fetch(connection, statements.count)
        if counted <= EXACT:
            return Page(bodies, counted)
        [planned] = await _fetch(connection, statements.estimate)
        estimate = int(orjson.loads(planned[0])[0]["Plan"]["Plan Rows"])
        return Page(bodies, max(estimate, EXACT + 1, seen), estimated=True)

    def statements(self, query: ListQuery) -> Statements:
        """The SQL of one list; table and column names are the code's own, values parameters."""
        condition = self._condition(query.filters)
        matching, values = f"FROM {self._table}{condition.where}", list(condition.values)
        keys = self._keys(query.sort, condition)
        limit, offset = condition.parameter(query.limit), condition.parameter(query.offset)
        order = ", ".join([f"{key} {direction}" for key, direction in keys] + ["id"])
        page = f"SELECT body {matching} ORDER BY {order} LIMIT {limit} OFFSET {offset}"
        gathered = self._gathered(matching, keys, limit, offset)
        return Statements(
            gathered=Statement(gathered, condition.values) if condition.by_body else None,
            page=Statement(page, condition.values),
            count=Statement(
                f"SELECT count(*) FROM (SELECT {matching} LIMIT {EXACT + 1}) counted",  # noqa: S608
                values,
            ),
            estimate=Statement(f"EXPLAIN (FORMAT JSON) SELECT {matching}", values),
        )

    def _gathered(
        self, matching: str, keys: Sequence[tuple[str, str]], limit: str, offset: str
    ) -> str:
        """First all that match, by the body's index, and only then their order.

        The planner does not know how many a jsonpath finds: asked for ten in an order, it may walk
        the whole table along that order in search of them.
        """
        named = "".join(f", {key} AS k{at}" for at, (key, _) in enumerate(keys))
        order = ", ".join([f"k{at} {way}" for at, (_, way) in enumerate(keys)] + ["id"])
        return (
            f"WITH matching AS MATERIALIZED (SELECT id{named} {matching} LIMIT {EXACT + 1}), "  # noqa: S608
            f"page AS (SELECT id, row_number() OVER (ORDER BY {order}) AS place FROM matching "
            f"ORDER BY place LIMIT {limit} OFFSET {offset}) "
            "SELECT body, (SELECT count(*) FROM matching) AS total "
            f"FROM page JOIN {self._table} USING (id) ORDER BY place"
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
            condition.by_body = True
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

    def _keys(self, keys: Sequence[SortKey], condition: _Condition) -> list[tuple[str, str]]:
        """Expressions with their directions; the id comes last in every order."""
        return [self._key(key, condition) for key in keys]

    def _key(self, key: SortKey, condition: _Condition) -> tuple[str, str]:
        direction = "DESC" if key.descending else "ASC"
        column = self._columns.get(".".join(key.path))
        if column is not None:
            # An index can give the order only when its place for nulls is not overridden.
            return column.name, direction + (" NULLS LAST" if column.nullable else "")
        path = condition.parameter("$" + "".join(f'."{step}"' for step in key.path))
        return f"jsonb_path_query_first(body, {path}::text::jsonpath)", f"{direction} NULLS LAST"


async def _fetch(connection: Connection, statement: Statement) -> list[asyncpg.Record]:
    rows: list[asyncpg.Record] = await connection.fetch(
        statement.sql, *statement.values, timeout=SECONDS
    )
    return rows


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
