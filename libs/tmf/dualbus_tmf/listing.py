"""Pages of a list: which statements are asked, and what the total is (ADR 17, ADR 27)."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

import asyncpg
import orjson
from dualbus_events.repository import Repository
from dualbus_kit.database import Connection
from dualbus_kit.errors import Unavailable
from sqlalchemy import Column

from dualbus_tmf.conditions import Conditions
from dualbus_tmf.filters import InvalidFilter
from dualbus_tmf.list_query import ListQuery
from dualbus_tmf.list_sql import ListSql, Statement

SECONDS = 3.0
"""The longest that one statement of a list may take; then the database is told to stop."""

EXACT: Final = 10_000
"""Up to so many matches are counted where columns decide; of more, an estimate is told."""

EXACT_INSIDE: Final = 2_000
"""The same where values inside the body decide: each of them is looked at."""

# Of so many that the planner expects, there are more than EXACT_INSIDE for certain: it looks at a
# hundred rows or more.
_DENSE: Final = 10 * EXACT_INSIDE
# Of so many, reading every one takes longer than walking on.
_TOO_MANY: Final = 50 * EXACT_INSIDE
# What is asked differs in what matters: values, pages. A plan for any of them suits none.
_OWN_PLANS: Final = "SET LOCAL plan_cache_mode = force_custom_plan"
# LIMIT makes reading the table look cheap, to whom matches seem to be everywhere.
_BY_INDEX: Final = f"{_OWN_PLANS}; SET LOCAL enable_seqscan = off"


class ListTooSlow(Unavailable):
    code = "listTooSlow"
    reason = "The list takes too long; narrow it by filters that an index serves"


@dataclass(frozen=True, slots=True)
class Page:
    """Stored bodies of one page, and how many resources match in all, counted or `estimated`."""

    bodies: list[bytes]
    total: int
    estimated: bool = False


class Listing:
    """Lists of one repository's documents.

    A column with the name of a first-level attribute (`order_date` of `orderDate`) must hold that
    attribute's value: filters and sorting then use it, and its indexes, instead of the body.
    `indexed` names columns that keep the values at a path inside the body: a text column with at
    least what is to be found there (it narrows, the body decides), or a jsonb array, or an array in
    a jsonb object (`{"relatedParty.id": "party_ids", "item.id": "item_values.ids"}`), with a GIN
    index, of exactly the values there.
    """

    def __init__(
        self, repository: type[Repository[Any]], *, indexed: Mapping[str, str] | None = None
    ) -> None:
        document = repository.aggregate.document_type
        self._table = repository.table
        self._columns: dict[str, Column[Any]] = {
            info.alias or name: self._table.c[name]
            for name, info in document.model_fields.items()
            if name in repository.columns
        }
        self._columns["id"] = self._table.c["id"]
        self._conditions = Conditions(self._table, self._columns, indexed or {})

    def sql(self, query: ListQuery) -> ListSql:
        """The statements of one list."""
        condition = self._conditions.of(query.filters)
        return ListSql(self._table, self._columns, condition, query)

    async def page(self, connection: Connection, query: ListQuery) -> Page:
        """One page, and the total of the same moment.

        Raises InvalidFilter for a pattern that PostgreSQL can't read, ListTooSlow (503) when no
        index serves what was asked and the table is large.
        """
        sql = self.sql(query)
        async with list_snapshot(connection, query, what=self._table.name):
            await connection.execute(_BY_INDEX if sql.served_by_index else _OWN_PLANS)
            found = _found_inside if sql.served_by_index else _found
            return await found(connection, sql, query)


@asynccontextmanager
async def list_snapshot(
    connection: Connection, query: ListQuery, *, what: str
) -> AsyncIterator[None]:
    """One moment for the statements of a list of `what`, each with `timeout=SECONDS`.

    Raises InvalidFilter for a pattern that PostgreSQL can't read, ListTooSlow (503).
    """
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            yield
    except asyncpg.InvalidRegularExpressionError as error:
        patterns = ", ".join(f.parameter for f in query.filters if f.operator == "regex")
        raise InvalidFilter(f"{patterns}: {error.args[0]}") from error
    except (TimeoutError, asyncpg.QueryCanceledError) as error:
        raise ListTooSlow(f"{what}: not found within {SECONDS:.0f} s") from error


async def _found(connection: Connection, sql: ListSql, query: ListQuery) -> Page:
    """Columns decide, or nothing helps."""
    bodies = [row["body"] for row in await _fetch(connection, sql.page())]
    seen = query.offset + len(bodies)
    behind_the_end = not bodies and query.offset > 0
    if len(bodies) < query.limit and not behind_the_end:
        return Page(bodies, seen)
    [[counted]] = await _fetch(connection, sql.count(EXACT + 1))
    if counted <= EXACT:
        return Page(bodies, counted)
    return Page(bodies, max(await _estimate(connection, sql), EXACT + 1, seen), estimated=True)


async def _found_inside(connection: Connection, sql: ListSql, query: ListQuery) -> Page:
    """An index finds what is inside the body, but the page of many is sooner found along an order.

    When the matches are not where the order begins, all are gathered, unless they are too many.
    """
    estimate = await _estimate(connection, sql)
    if estimate < _DENSE:
        few = await _gathered(connection, sql, EXACT_INSIDE + 1)
        if few.total <= EXACT_INSIDE:
            return few
    if sql.along_index:
        walks = [sql.walked(), sql.page()] if estimate > _TOO_MANY else [sql.walked()]
        for walk in walks:
            bodies = [row["body"] for row in await _fetch(connection, walk)]
            if len(bodies) == query.limit:
                return Page(bodies, max(estimate, EXACT_INSIDE + 1, sql.wanted), estimated=True)
    return await _gathered(connection, sql, None)


async def _gathered(connection: Connection, sql: ListSql, at_most: int | None) -> Page:
    rows = await _fetch(connection, sql.gathered(at_most))
    return Page([row["body"] for row in rows if row["body"] is not None], rows[0]["total"])


async def _estimate(connection: Connection, sql: ListSql) -> int:
    [planned] = await _fetch(connection, sql.estimate())
    return planned_rows(planned[0])


def planned_rows(plan: str) -> int:
    """How many rows the planner expects, from what EXPLAIN (FORMAT JSON) says."""
    return int(orjson.loads(plan)[0]["Plan"]["Plan Rows"])


async def _fetch(connection: Connection, statement: Statement) -> list[asyncpg.Record]:
    rows: list[asyncpg.Record] = await connection.fetch(
        statement.sql, *statement.values, timeout=SECONDS
    )
    return rows
