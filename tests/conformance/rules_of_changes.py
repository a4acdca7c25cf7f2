"""PATCH, DELETE, entity tags and ids (RULES §2, §4)."""

from typing import Any

from dualbus_tmf.profiles import defaults_of

from tests.conformance.kit_attributes import kit_attributes
from tests.conformance.rules_of_bodies import holds, refused
from tests.conformance.subject import Subject

STRANGE_IDS = (
    "3z06z842-763z4z2z-80z1-875zz14z6zz4",
    "018f4a3e-0000-7000-8000-000000000000",
    "0",
    "-1",
    "a b",
    "%00",
    "%F0%9F%98%80",
    "{id}",
    "null",
    "..%2F..",
    "x" * 500,
    "' OR 1=1 --",
    "a%2Fb",
    "%2e%2e",
    "%C3%BC%E2%80%AE",
    "%FF%FE",
    "%0A%0D%09",
    "a;b=c&d",
    "%F0%9F%98%80" * 500,
    "x" * 8_000,
)
_PATCH = "application/merge-patch+json"


_REQUESTS = {
    "list": ("GET", ""),
    "retrieve": ("GET", "/1"),
    "create": ("POST", ""),
    "patch": ("PATCH", "/1"),
    "delete": ("DELETE", "/1"),
}


async def operations(tried: Subject) -> None:
    """What is served and what is not is as the case says; what is not is refused with 405."""
    for operation, (method, end) in _REQUESTS.items():
        answer = await tried.client.request(method, tried.path + end, json={"ours": {}})
        if operation in tried.case.lacks:
            refused(answer, 405)
        elif operation in tried.operations:
            assert answer.status_code in (200, 201, 400, 404), f"{operation}: {answer.text}"


async def unknown_ids(tried: Subject) -> None:
    """Any text may stand in place of an id; one that names nothing is 404, with an Error body."""
    for one in STRANGE_IDS:
        url = f"{tried.path}/{one}"
        refused(await tried.client.get(url), 404)
        if "patch" in tried.operations:
            refused(await tried.client.patch(url, json={"ours": 1}), 404)
        if "delete" in tried.operations:
            refused(await tried.client.delete(url), 404)


async def merge_patch(tried: Subject) -> None:
    """Absent stays, null removes, objects merge, arrays are replaced; both media types."""
    created = await tried.create()
    url = created["href"]
    first: dict[str, Any] = {"ours": {"a": 1, "b": {"c": 2, "d": 3}}, "list": [1, 2, {"x": 1}]}
    second: dict[str, Any] = {"ours": {"a": None, "b": {"c": 4}}, "list": [3]}

    holds((await tried.client.patch(url, json=first)).json(), first)
    answer = await tried.client.patch(url, json=second, headers={"Content-Type": _PATCH})

    changed = answer.json()
    assert answer.status_code == 200, answer.text
    assert (changed["ours"], changed["list"]) == ({"b": {"c": 4, "d": 3}}, [3])
    holds(changed, {n: v for n, v in created.items() if n not in _touched(tried)})
    emptied = (await tried.client.patch(url, json={"ours": None, "list": None})).json()
    assert emptied.keys() == created.keys() | ({*_touched(tried)} & emptied.keys())
    assert (await tried.client.get(url)).json() == emptied
    tried.must_be_valid(emptied)


async def what_stays(tried: Subject) -> None:
    """A null can't take away what kits look for in every element of a list.

    It is refused where a POST must bring it, and set again by the server where that sets it.
    """
    one = await tried.create()
    kits = (name.partition("[")[0] for name in kit_attributes(tried.case.api, tried.case.name))
    brought = (path.partition(".")[0] for path in tried.case.must_bring)
    for name in dict.fromkeys(("@type", *kits, *brought, *defaults_of(tried.definition))):
        answer = await tried.client.patch(one["href"], json={name: None})
        now = (await tried.client.get(one["href"])).json()
        if answer.status_code != 200:
            refused(answer, 409 if answer.status_code == 409 else 400)
            assert now == one, name
        assert now.keys() >= one.keys(), f"{tried.case.name} lost {name}"
        one = now


async def unpatchable(tried: Subject) -> None:
    """id and href can't be changed, and a patch must be a JSON object of a known media type."""
    created = await tried.create()
    for patch in ({"id": "other"}, {"href": "https://example.com"}):
        refused(await tried.client.patch(created["href"], json=patch), 400)
    refused(await tried.client.patch(created["href"], json=[]), 400)
    as_text = {"content": b"{}", "headers": {"Content-Type": "text/plain"}}
    refused(await tried.client.patch(created["href"], **as_text), 415)  # type: ignore[arg-type]
    assert (await tried.client.get(created["href"])).json() == created


async def illegal_moves(tried: Subject) -> None:
    """A move that the state diagram does not have is a conflict, and the state stays."""
    machine, attribute = tried.case.machine, tried.definition.state_attribute
    assert machine
    assert attribute
    created = await tried.create()
    now = created[attribute]
    targets = sorted(machine.states - machine.moves.get(now, frozenset()) - {now})

    for target in targets:
        refused(await tried.client.patch(created["href"], json={attribute: target}), 409)
    unknown = await tried.client.patch(created["href"], json={attribute: "noSuchState"})
    refused(unknown, 400 if unknown.status_code == 400 else 409)
    assert (await tried.client.get(created["href"])).json() == created


async def second_path(tried: Subject) -> None:
    """Where kits and definition write a path in two ways, both lead to the same."""
    assert tried.case.also_at
    for there in tried.case.also_at:
        answer = await tried.client.post(there, json=await tried.minimal())

        assert answer.status_code == 201, answer.text
        created = answer.json()
        assert created["href"].endswith(f"{tried.path}/{created['id']}")
        assert (await tried.client.get(f"{there}/{created['id']}")).json() == created
        assert (await tried.client.get(there, params={"id": created["id"]})).json() == [created]
        refused(await tried.client.get(f"{there}/a%2Fb"), 404)
        refused(await tried.client.get(f"{there.rpartition('/')[0]}/noSuchResource"), 404)


async def if_match(tried: Subject) -> None:
    """A change is made on the version the client has seen, or refused with 412."""
    created = await tried.create()
    url = created["href"]
    seen = {"If-Match": (await tried.client.get(url)).headers["ETag"]}

    if "patch" in tried.operations:
        first = await tried.client.patch(url, json={"ours": 1}, headers=seen)
        late = await tried.client.patch(url, json={"ours": 2}, headers=seen)
        assert first.status_code == 200, first.text
        refused(late, 412)
        assert (await tried.client.get(url)).json()["ours"] == 1
    if "delete" in tried.operations:
        refused(await tried.client.delete(url, headers={"If-Match": '"77"'}), 412)
        assert (await tried.client.get(url)).status_code == 200


async def delete(tried: Subject) -> None:
    """204 without a body, and gone."""
    url = (await tried.create())["href"]

    answer = await tried.client.delete(url)

    assert (answer.status_code, answer.content) == (204, b"")
    refused(await tried.client.get(url), 404)
    refused(await tried.client.delete(url), 404)


def _touched(tried: Subject) -> frozenset[str]:
    moments = frozenset(("lastUpdate", "lastModified", "alarmChangedTime"))
    return moments & tried.definition.attributes.keys()
