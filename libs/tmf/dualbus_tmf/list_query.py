"""What a client asks of a list: filters, order, page, projection."""

from collections.abc import Iterable
from dataclasses import dataclass

from dualbus_events.document import Document

from dualbus_tmf.attributes import parse_path
from dualbus_tmf.filters import Filter, InvalidFilter, parse_filters

MAX_LIMIT = 1000
"""The most a page holds, also when no limit was sent; `Link` leads to the rest."""

_MAX_OFFSET = 2**53
_MAX_SORT_KEYS = 5
_OWN = frozenset(("fields", "offset", "limit", "sort"))


@dataclass(frozen=True, slots=True)
class SortKey:
    path: tuple[str, ...]
    descending: bool


@dataclass(frozen=True, slots=True)
class ListQuery:
    """A list as asked for. `paged` is whether the client itself sent offset or limit."""

    filters: list[Filter]
    sort: list[SortKey]
    fields: frozenset[str] | None
    offset: int
    limit: int
    paged: bool


def parse_list_query(
    parameters: Iterable[tuple[str, str]], *, document: type[Document]
) -> ListQuery:
    """Raises InvalidFilter, naming the parameter."""
    every = list(parameters)
    own = {name: value for name, value in every if name in _OWN}
    return ListQuery(
        filters=parse_filters((one for one in every if one[0] not in _OWN), document=document),
        sort=_sort(own.get("sort", "")),
        fields=parse_fields(own.get("fields")),
        offset=_number(own, "offset", missing=0, most=_MAX_OFFSET),
        limit=min(_number(own, "limit", missing=MAX_LIMIT, most=_MAX_OFFSET), MAX_LIMIT),
        paged="offset" in own or "limit" in own,
    )


def parse_fields(value: str | None) -> frozenset[str] | None:
    """First-level names to keep beside id and href; None keeps all, `none` keeps just those."""
    if not value:
        return None
    names = {name.strip().partition(".")[0] for name in value.split(",")}
    return frozenset(() if names == {"none"} else names)


def _sort(value: str) -> list[SortKey]:
    keys = [_sort_key(part) for part in value.split(",") if part.strip(" +-")]
    if len(keys) > _MAX_SORT_KEYS:
        raise InvalidFilter(f"sort: more than {_MAX_SORT_KEYS} attributes")
    return keys


def _sort_key(part: str) -> SortKey:
    # A + that was not percent-encoded arrives as a space.
    path = parse_path(part.strip().lstrip("+-"))
    if not path:
        raise InvalidFilter(f"sort: {part.strip()} is not the name of an attribute")
    return SortKey(path, descending=part.strip().startswith("-"))


def _number(parameters: dict[str, str], name: str, *, missing: int, most: int) -> int:
    text = parameters.get(name)
    if text is None:
        return missing
    if not (text.isascii() and text.isdigit()) or len(text) > 16 or int(text) > most:
        raise InvalidFilter(f"{name}: {text[:40]!r} is not a whole number from 0 to {most}")
    return int(text)
