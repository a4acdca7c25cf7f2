"""Which customers a list of views is of: filters, page, total."""

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import unquote

import asyncpg
from dualbus_tmf.dependencies import storable

from ods_svc.customer360.errors import InvalidViewQuery
from ods_svc.customer360.view import href_of

DEFAULT_LIMIT = 20
MAX_LIMIT = 100
_OWN = frozenset(("fields", "expand", "offset", "limit"))
_FILTERS = frozenset(("id", "href", "status", "engagedParty.id"))

_PAGE = """
SELECT id FROM fact
WHERE resource = 'customer' AND NOT deleted AND ($1::text[] IS NULL OR id = ANY($1))
  AND ($2::text[] IS NULL OR state = ANY($2)) AND ($3::text[] IS NULL OR party_id = ANY($3))
ORDER BY id
"""
_TOTAL = f"SELECT count(*) FROM ({_PAGE}) every"  # noqa: S608 - the constant above


@dataclass(frozen=True)
class CustomerPage:
    """The ids of one page of customers, and how many there are in all."""

    ids: list[str]
    total: int
    offset: int
    limit: int
    paged: bool
    """The client asked for a page, and so gets 206 for a part."""


async def customers_of(
    pool: asyncpg.Pool, parameters: Iterable[tuple[str, str]], *, public_url: str
) -> CustomerPage:
    """Raises InvalidViewQuery, naming the parameter."""
    given = dict(parameters)
    if unknown := set(given) - _OWN - _FILTERS:
        raise InvalidViewQuery(
            f"{sorted(unknown)[0]} is no filter of this list; {', '.join(sorted(_FILTERS))} are"
        )
    filters = (_ids(given, public_url), _values(given, "status"), _values(given, "engagedParty.id"))
    offset = _number(given, "offset", missing=0)
    limit = min(_number(given, "limit", missing=DEFAULT_LIMIT), MAX_LIMIT)
    total = await pool.fetchval(_TOTAL, *filters)
    rows = await pool.fetch(f"{_PAGE} OFFSET $4 LIMIT $5", *filters, offset, limit)
    ids, paged = [row["id"] for row in rows], "offset" in given or "limit" in given
    return CustomerPage(ids, total, offset, limit, paged)


def _ids(given: dict[str, str], public_url: str) -> list[str] | None:
    base = href_of(public_url, "")
    hrefs = _values(given, "href")
    if hrefs is None:
        return _values(given, "id")
    ids = [unquote(href.removeprefix(base)) for href in hrefs if href.startswith(base)]
    wanted = _values(given, "id")
    return ids if wanted is None else [id_ for id_ in ids if id_ in wanted]


def _values(given: dict[str, str], name: str) -> list[str] | None:
    """A comma means either; one pair of quotes around the whole is not part of the value."""
    if name not in given:
        return None
    text = storable(given[name])
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        text = text[1:-1]
    return text.split(",")


def _number(given: dict[str, str], name: str, *, missing: int) -> int:
    text = given.get(name)
    if text is None:
        return missing
    if not (text.isascii() and text.isdigit() and len(text) <= 12):
        raise InvalidViewQuery(f"{name}: {text[:40]!r} is not a whole number from 0")
    return int(text)
