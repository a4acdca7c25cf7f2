"""What a list can be asked (RULES §3)."""

from itertools import pairwise
from typing import Any

from tests.conformance.samples import as_parameter, scalars
from tests.conformance.subject import Subject

_AT_ONCE = 12


async def filters(tried: Subject) -> None:
    """Every first-level attribute is a filter: exact, quoted, several at once, and by href."""
    one = await tried.complete()
    for name, value in one.items():
        if name == "id" or isinstance(value, (dict, list)):
            continue
        for asked in (as_parameter(value), f'"{as_parameter(value)}"'):
            found = await tried.list(**{name: asked, "id": one["id"]})
            assert [f["id"] for f in found] == [one["id"]], f"{name}={asked}"
        other = await tried.list(**{name: "no such value", "id": one["id"]})
        assert other == [], name
    assert await tried.list(id=one["id"]) == await tried.list(href=one["href"]) == [one]


async def nested_filters(tried: Subject) -> None:
    """Every nested attribute is a filter by its dotted path, through arrays."""
    one = await tried.complete()
    nested = [(path, as_parameter(value)) for path, value in scalars(one) if "." in path]
    for start in range(0, len(nested), _AT_ONCE):
        some = nested[start : start + _AT_ONCE]
        found = await tried.list(**dict(some), id=one["id"])
        if [f["id"] for f in found] == [one["id"]]:
            continue
        for path, value in some:
            found = await tried.list(**{path: value, "id": one["id"]})
            assert [f["id"] for f in found] == [one["id"]], f"{path}={value}"


async def filters_that_match_nothing(tried: Subject) -> None:
    """An empty array with 200, also for attributes that nobody knows."""
    for name in ("id", "noSuchAttribute", "no.such.attribute"):
        answer = await tried.client.get(tried.path, params={name: "no such value"})
        assert (answer.status_code, answer.json()) == (200, [])
        assert answer.headers["X-Total-Count"] == "0"


async def fields(tried: Subject) -> None:
    """`fields` leaves exactly what it names, id and href; `none` just those two."""
    one = await tried.complete()
    for name in one:
        [found] = await tried.list(id=one["id"], fields=name)
        assert found.keys() == {"id", "href", name}
        read = await tried.client.get(one["href"], params={"fields": name})
        assert read.json() == found
    assert await tried.list(id=one["id"], fields="none") == [{"id": one["id"], "href": one["href"]}]


async def sort(tried: Subject) -> None:
    """Every first-level scalar sorts, up and down, with those that lack it at the end."""
    one = await tried.complete()
    await tried.create()
    for name in [n for n, value in one.items() if not isinstance(value, (dict, list))]:
        for sign in ("", "-"):
            listed = await tried.list(sort=sign + name)
            values = [r.get(name) for r in listed]
            known = [value for value in values if value is not None]
            assert values[: len(known)] == known, f"{sign}{name}: absent ones come first"
            assert all(_in_order(a, b, sign) for a, b in pairwise(known)), f"{sign}{name}: {known}"


def _in_order(first: Any, second: Any, sign: str) -> bool:
    """PostgreSQL's order of jsonb texts and of text columns agree for our samples."""
    return bool(first >= second) if sign else bool(first <= second)


async def pages(tried: Subject) -> None:
    """A page says how many there are and where the others are; an unpaged list is always 200."""
    made = [(await tried.create())["id"] for _ in range(3)]
    ids = {"id": ",".join(made)}

    whole = await tried.client.get(tried.path, params=ids)
    page = await tried.client.get(tried.path, params={**ids, "offset": 1, "limit": 1})
    beyond = await tried.client.get(tried.path, params={**ids, "offset": 7})

    total = str(len(set(made)))
    assert (whole.status_code, whole.headers["X-Total-Count"]) == (200, total)
    assert whole.headers["X-Result-Count"] == total
    assert page.status_code == 206
    assert (page.headers["X-Total-Count"], page.headers["X-Result-Count"]) == (total, "1")
    assert page.json() == whole.json()[1:2]
    assert beyond.json() == []
    links = page.links
    assert links.keys() == {"first", "prev", "next", "last"}
    following = await tried.client.get(links["next"]["url"])
    assert following.json() == whole.json()[2:3]
