"""What a POST must bring, may bring, and is answered with (RULES §2, §5)."""

from typing import Any

import httpx
from dualbus_tmf.openapi import EXAMPLES

from tests.conformance.case import Body
from tests.conformance.kit_attributes import kit_attributes
from tests.conformance.samples import turns, wrong_values
from tests.conformance.subject import Subject

_BROKEN = (b"{", b"[]", b'"text"', b"", b"null", b'{"name": NaN}', b"\xff\xfe")


async def minimal_body(tried: Subject) -> None:
    """The least body is enough: 201, the whole resource, Location equal to href, found again."""
    body = await tried.minimal()
    answer = await tried.client.post(tried.path, json=body)

    assert answer.status_code == 201, answer.text
    created = answer.json()
    assert isinstance(created["id"], str)
    assert answer.headers["Location"] == created["href"]
    assert created["href"].startswith("http")
    assert isinstance(created["@type"], str)
    holds(created, body)
    assert (await tried.client.get(created["href"])).json() == created


async def example(tried: Subject) -> None:
    """What OpenAPI shows for a POST is taken, by itself or with what the case needs made first."""
    body = EXAMPLES[tried.definition.resource]
    needed = await tried.case.prepare(tried.service) if tried.case.prepare else {}

    created = await tried.create({**body, **needed})

    holds(created, {n: v for n, v in body.items() if n not in {*needed, *tried.case.fixed}})


async def mandatory_attributes(tried: Subject) -> None:
    """Without any one of what the profile demands: 400, by name."""
    for path in tried.case.must_bring:
        answer = await tried.client.post(tried.path, json=without(await tried.minimal(), path))

        refused(answer, 400)
        assert path in answer.json()["message"], answer.text


async def full_body(tried: Subject) -> None:
    """Every attribute of the definition, with each of its examples, is taken and given back."""
    for turn in range(turns(tried.definition)):
        body = await tried.full(turn=turn)

        created = await tried.create(body)

        holds(created, body)
        assert (await tried.client.get(created["href"])).json() == created


async def wrong_types(tried: Subject) -> None:
    """A value that an attribute can't have is refused, and the attribute named."""
    for name, value in wrong_values(tried.definition):
        answer = await tried.client.post(tried.path, json={**await tried.minimal(), name: value})

        refused(answer, 400)
        assert name in answer.json()["message"], f"{name}: {answer.text}"


async def unknown_attributes(tried: Subject) -> None:
    """What the definition does not know is kept, at the top and inside."""
    body = await tried.full()
    inner = next((name for name, value in body.items() if isinstance(value, dict)), None)
    body["ours"] = {"deep": [1, {"er": None}]}
    if inner:
        body[inner] = {**body[inner], "oursInside": ["x", 2]}

    created = await tried.create(body)

    assert created["ours"] == body["ours"]
    assert not inner or created[inner]["oursInside"] == ["x", 2]


async def extension_by_type(tried: Subject) -> None:
    """@type, @baseType and @schemaLocation of a sub-class are kept, with its attributes."""
    extended = {
        "@type": f"Our{tried.definition.name}",
        "@baseType": tried.definition.name,
        "@schemaLocation": "https://example.com/our.schema.json",
        "ourAttribute": "kept",
    }

    created = await tried.create({**await tried.minimal(), **extended})

    holds(created, extended)


async def answers_are_valid(tried: Subject) -> None:
    """Every answer is valid against the official definition: of POST, GET, list and PATCH.

    Of the list, what was valid when it was posted: other rules post what the definition forbids
    and the profile allows.
    """
    created = [await tried.create(), await tried.complete()]
    for one in created:
        tried.must_be_valid(one)
        tried.must_be_valid((await tried.client.get(one["href"])).json())
        [listed] = await tried.list(id=one["id"])
        tried.must_be_valid(listed)


async def kits_attributes(tried: Subject) -> None:
    """What TM Forum's kits assert is in every answer and every element of the list, as they do.

    Moments are UTC with a Z: kits filter by what they were answered, and their + is no space.
    """
    await tried.create()
    for resource in await tried.list():
        assert isinstance(resource["id"], str)
        assert isinstance(resource["href"], str)
        for attribute in kit_attributes(tried.case.api, tried.case.name):
            name, bracket, least = attribute.rstrip("]").partition("[")
            value = resource.get(name)
            assert value is not None, f"{tried.case.name} {resource['id']} lacks {attribute}"
            assert not bracket or isinstance(value, list), attribute
            assert not least or len(value) >= int(least), attribute
        for name, value in resource.items():
            if tried.definition.attributes.get(name, {}).get("format") == "date-time":
                assert value.endswith("Z"), f"{name}: {value}"


async def broken_bodies(tried: Subject) -> None:
    """What is no JSON object, or no JSON at all, is refused with code and reason."""
    for broken in _BROKEN:
        headers = {"Content-Type": "application/json"}
        refused(await tried.client.post(tried.path, content=broken, headers=headers), 400)
    headers = {"Content-Type": "text/plain"}
    refused(await tried.client.post(tried.path, content=b"{}", headers=headers), 415)


async def idempotency_key(tried: Subject) -> None:
    """A repeated POST has one effect and one answer; the key with another body is refused."""
    body = await tried.minimal()
    headers = {"Idempotency-Key": f"conformance of {tried.definition.name}"}

    first = await tried.client.post(tried.path, json=body, headers=headers)
    again = await tried.client.post(tried.path, json=body, headers=headers)
    other = await tried.client.post(tried.path, json={**body, "ours": 1}, headers=headers)

    assert (first.status_code, again.status_code) == (201, 201), first.text
    assert again.json() == first.json()
    assert again.headers["Location"] == first.headers["Location"]
    refused(other, 409)


def refused(answer: httpx.Response, status: int) -> None:
    """The status, with TM Forum's Error body."""
    assert answer.status_code == status, f"{answer.request.method} {answer.url}: {answer.text}"
    error = answer.json()
    assert isinstance(error["code"], str)
    assert error["code"]
    assert isinstance(error["reason"], str)
    assert error["reason"]


def holds(resource: Any, sent: Any, where: str = "") -> None:
    """Fails unless all that was sent is in the resource, arrays element by element."""
    if isinstance(sent, dict):
        assert isinstance(resource, dict), f"{where}: {resource!r}"
        for name, value in sent.items():
            assert name in resource, f"{where}.{name} is lost"
            holds(resource[name], value, f"{where}.{name}")
    elif isinstance(sent, list):
        assert len(resource) == len(sent), f"{where}: {resource!r}"
        for position, value in enumerate(sent):
            holds(resource[position], value, f"{where}.{position}")
    else:
        assert resource == sent, f"{where}: sent {sent!r}, got {resource!r}"


def without(body: Body, path: str) -> Body:
    """The body without an attribute, given as a dotted path through arrays."""
    first, _, rest = path.partition(".")
    if not rest:
        return {name: value for name, value in body.items() if name != first}
    inner = body[first]
    less = (
        [without(one, rest) for one in inner] if isinstance(inner, list) else without(inner, rest)
    )
    return {**body, first: less}
