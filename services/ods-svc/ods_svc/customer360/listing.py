"""Which customers a list of views is of: filters, order, page, total."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final
from urllib.parse import unquote

import asyncpg
from dualbus_events.contract.customer import Customer
from dualbus_kit.database import Connection
from dualbus_tmf.dependencies import storable
from dualbus_tmf.filters import Filter, InvalidFilter, jsonpath_of, jsonpath_steps
from dualbus_tmf.list_query import ListQuery, SortKey, parse_list_query
from dualbus_tmf.listing import EXACT, SECONDS, list_snapshot, planned_rows

from ods_svc.customer360.parts import CUSTOMER, INTERACTION, INTERACTION_ITEM, PARTIES, PARTS
from ods_svc.customer360.view import TYPE, href_of

DEFAULT_LIMIT = 20
MAX_LIMIT = 100
_OWN = frozenset(("expand",))
_RESOURCES: Final = {part.name: part.resources for part in PARTS} | {one: (one,) for one in PARTIES}
_COLUMNS: Final = {
    ("id",): "c.id",
    ("status",): "c.state",
    ("engagedParty", "id"): "c.party_id",
}
_BODY: Final = "convert_from({}.body, 'UTF8')::jsonb"


@dataclass(frozen=True)
class CustomerPage:
    """The ids of one page of customers, and how many there are in all, counted or `estimated`."""

    ids: list[str]
    total: int
    offset: int
    limit: int
    paged: bool
    """The client asked for a page, and so gets 206 for a part."""
    estimated: bool = False


async def customers_of(
    pool: asyncpg.Pool, parameters: Iterable[tuple[str, str]], *, public_url: str
) -> CustomerPage:
    """Raises InvalidFilter, naming the parameter, and ListTooSlow (503)."""
    given = [(name, value) for name, value in parameters if name not in _OWN]
    asked = parse_list_query(given, document=Customer)
    named = {name for name, _ in given}
    query = replace(asked, limit=min(asked.limit, MAX_LIMIT if "limit" in named else DEFAULT_LIMIT))
    matching = _matching(query.filters, public_url)
    async with (
        pool.acquire() as connection,
        list_snapshot(connection, query, what="customer360"),
    ):
        return await _page(connection, matching, query)


@dataclass
class _Matching:
    """Conditions on a customer's row `c`, every value a parameter."""

    conditions: list[str] = field(default_factory=lambda: ["c.resource = 'customer'"])
    values: list[object] = field(default_factory=list)

    def add(self, condition: str, *values: object) -> None:
        """`{}` stands for each value in turn."""
        self.conditions.append(condition.format(*map(self.parameter, values)))

    def parameter(self, value: object) -> str:
        self.values.append(value)
        return f"${len(self.values)}"

    @property
    def rows(self) -> str:
        return f"FROM fact c WHERE {' AND '.join(self.conditions)} AND NOT c.deleted"


def _matching(filters: Sequence[Filter], public_url: str) -> _Matching:
    matching = _Matching()
    inside: list[Filter] = []
    of_parts: dict[str, list[Filter]] = defaultdict(list)
    for one in filters:
        if one.path in _COLUMNS and one.operator == "eq":
            values = [storable(value) for value in one.values]
            matching.add(f"{_COLUMNS[one.path]} = ANY ({{}}::text[])", values)
        elif one.path == ("href",):
            _add_hrefs(matching, one, href_of(public_url, ""))
        elif one.path == ("@type",) and one.operator == "eq":
            matching.add("{}::boolean", TYPE in one.values)
        elif one.path[0] == CUSTOMER:
            inside.append(replace(one, path=one.path[1:]))
        elif one.path[0] in _RESOURCES:
            of_parts[one.path[0]].append(one)
        else:
            inside.append(one)
    if inside := [one for one in inside if one.path]:
        matching.add(f"{_BODY.format('c')} @? {{}}::text::jsonpath", jsonpath_of(inside))
    for part, wanted in of_parts.items():
        _add_part(matching, part, wanted)
    return matching


def _add_hrefs(matching: _Matching, one: Filter, base: str) -> None:
    if one.operator != "eq":
        raise InvalidFilter(f"{one.parameter}: views are found by the whole href, or by id")
    ids = [unquote(href.removeprefix(base)) for href in one.values if href.startswith(base)]
    matching.add("c.id = ANY ({}::text[])", [storable(id_) for id_ in ids])


def _add_part(matching: _Matching, part: str, filters: Sequence[Filter]) -> None:
    """Those that hold in the same resource of the part, and what none of its resources may have."""
    below = [_within(part, one) for one in filters]
    if found := [one for one in below if one.operator != "ne"]:
        matching.add(_exists(part), jsonpath_of(found))
    for one in below:
        if one.operator == "ne":
            matching.add(f"NOT {_exists(part)}", jsonpath_of([replace(one, operator="eq")]))


def _within(part: str, one: Filter) -> Filter:
    """The filter as one of the owner's resource; an item is a part of its interaction there."""
    if len(one.path) == 1:
        raise InvalidFilter(f"{one.parameter}: {part} holds whole resources, name an attribute")
    if part != INTERACTION_ITEM:
        return replace(one, path=one.path[1:])
    return replace(one, path=one.path[2:]) if one.path[1] == INTERACTION and one.path[2:] else one


def _exists(part: str) -> str:
    """Whether some resource of the part matches a jsonpath. Names are the code's own."""
    resources = ", ".join(f"'{resource}'" for resource in _RESOURCES[part])
    whose = (
        "f.id = c.party_id"
        if part in PARTIES
        else "(f.customer_id = c.id OR f.other_customer_ids @> ARRAY[c.id])"
    )
    return (
        f"EXISTS (SELECT FROM fact f WHERE f.resource IN ({resources}) AND {whose} "
        f"AND NOT f.deleted AND {_BODY.format('f')} @? {{}}::text::jsonpath)"
    )


async def _page(connection: Connection, matching: _Matching, query: ListQuery) -> CustomerPage:
    rows, values = matching.rows, list(matching.values)
    counted: int = await connection.fetchval(
        f"SELECT count(*) FROM (SELECT {rows} LIMIT {EXACT + 1}) counted",  # noqa: S608
        *values,
        timeout=SECONDS,
    )
    order = ", ".join([_sorted_by(matching, key) for key in query.sort] + ["c.id"])
    page = f"ORDER BY {order} LIMIT {matching.parameter(query.limit)}"
    page += f" OFFSET {matching.parameter(query.offset)}"
    found = await connection.fetch(
        f"SELECT c.id {rows} {page}",
        *matching.values,
        timeout=SECONDS,
    )
    total, estimated = counted, counted > EXACT
    if estimated:
        [planned] = await connection.fetch(f"EXPLAIN (FORMAT JSON) SELECT {rows}", *values)
        total = max(planned_rows(planned[0]), counted)
    ids = [row["id"] for row in found]
    return CustomerPage(ids, total, query.offset, query.limit, query.paged, estimated)


def _sorted_by(matching: _Matching, key: SortKey) -> str:
    """By an attribute of the customer; views without it come last."""
    direction = "DESC" if key.descending else "ASC"
    if column := _COLUMNS.get(key.path):
        return f"{column} {direction} NULLS LAST"
    path = key.path[1:] if key.path[0] == CUSTOMER and key.path[1:] else key.path
    jsonpath = matching.parameter(f"${jsonpath_steps(path)}")
    found = f"jsonb_path_query_first({_BODY.format('c')}, {jsonpath}::text::jsonpath)"
    return f"{found} {direction} NULLS LAST"
