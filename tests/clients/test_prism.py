"""prism stands between a client and each API: no answer breaks the official definition."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import orjson
import pytest
from dualbus_events.tmforum.definition import api_definition
from starlette.types import Receive, Scope, Send

from tests.clients.live_service import live
from tests.clients.prism_proxy import install_prism, proxied, violations
from tests.clients.served_apis import ServedApi, parameters
from tests.conformance.subject import Subject
from tests.conformance.suite import applies
from tests.eai.serving import serving
from tests.node_packages import NEEDS_NODE

pytestmark = NEEDS_NODE

_PATCH = {"ours": "changed"}
_JSON = {"Content-Type": "application/json"}
_CALLBACK = {"callback": "https://example.com/subscriber"}

# TMF717's is not: it says nothing of media types and errors (see definitions/README.md).
_OFFICIAL = [one for one in parameters() if "produces" in api_definition(one.values[0].name)]

Exchange = AsyncIterator[tuple[int, httpx.Response]]
"""Answers, each with the status that it must have."""


@pytest.fixture(scope="module")
def prism() -> Path:
    return install_prism()


@pytest.mark.parametrize("api", _OFFICIAL)
async def test_no_answer_breaks_the_definition(
    prism: Path, postgres_dsn: str, tmp_path: Path, api: ServedApi
) -> None:
    complaints: list[str] = []
    async with live(api.spec, postgres_dsn) as service:
        base = service.url + api.cases[0].definition.base_path
        async with proxied(prism, _definition(api.name, tmp_path), base) as client:
            for case in api.cases:
                async for status, answer in _exchange(client, Subject(case, service.harness)):
                    complaints += _complaints(status, answer)
            async for status, answer in _exchange_of_hub(client):
                complaints += _complaints(status, answer)

    assert complaints == []


@pytest.mark.clients
async def test_answers_that_break_the_definition_are_seen(prism: Path, tmp_path: Path) -> None:
    """Else its silence about ours would mean nothing."""
    definition = _definition("TMF629", tmp_path)
    async with serving(_careless) as url, proxied(prism, definition, url) as client:
        answer = await client.get("customer/1")

    assert answer.status_code == 200
    assert violations(answer, of="response")


async def _careless(_scope: Scope, _receive: Receive, send: Send) -> None:
    """Answers everything with an object that has no attribute."""
    headers = [(b"content-type", b"application/json;charset=utf-8")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b'{"id": 7}'})


def _definition(api: str, folder: Path) -> Path:
    """The definition, whose errors may also be problems of RFC 9457: TM Forum's with more in it."""
    whole = api_definition(api)
    file = folder / f"{api}.json"
    produced = [*whole["produces"], "application/problem+json"]
    file.write_bytes(orjson.dumps({**whole, "produces": produced}))
    return file


def _complaints(status: int, answer: httpx.Response) -> list[str]:
    asked = f"{answer.request.method} {answer.request.url.path} {answer.status_code}"
    assert answer.status_code == status, f"{asked}: {answer.text}"
    return [f"{asked}: {one}" for one in violations(answer, of="response")]


async def _exchange(client: httpx.AsyncClient, tried: Subject) -> Exchange:
    """Every operation, what succeeds and what is refused."""
    await tried.enter()
    # Prism refuses what its definition does not have.
    name, operations = tried.collection[1:], tried.operations - tried.case.beyond.keys()
    if "create" in operations:
        yield 201, await client.post(name, json=await tried.minimal())
        yield 400, await client.post(name, content=b"{", headers=_JSON)
        made = await client.post(name, json=await tried.full())
        yield 201, made
        one = made.json()
    else:
        one = await tried.create()
    path = f"{name}/{one['id']}"
    yield 200, await client.get(path)
    yield 200, await client.get(name)
    yield 200, await client.get(name, params={"id": one["id"]})
    yield 404, await client.get(f"{name}/nothing")
    if "patch" in operations and applies("merge patch", tried.case):
        yield 200, await client.patch(path, json=_PATCH)
        yield 400, await client.patch(path, json={"id": "other"})
        yield 404, await client.patch(f"{name}/nothing", json=_PATCH)
    if "delete" in operations and applies("delete", tried.case):
        yield 204, await client.delete(path)
        yield 404, await client.delete(path)


async def _exchange_of_hub(client: httpx.AsyncClient) -> Exchange:
    registered = await client.post("hub", json=_CALLBACK)
    yield 201, registered
    yield 400, await client.post("hub", json={"callback": "nowhere"})
    path = f"hub/{registered.json()['id']}"
    yield 204, await client.delete(path)
    yield 404, await client.delete(path)
