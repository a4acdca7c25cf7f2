"""prism stands between a client and each API: no answer breaks the official definition."""

from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from dualbus_events.tmforum.definition import api_definition

from tests.clients.live_service import live
from tests.clients.prism_proxy import install_prism, proxied, violations
from tests.clients.served_apis import ServedApi, parameters
from tests.conformance.subject import Subject
from tests.conformance.suite import applies
from tests.node_packages import NEEDS_NODE

pytestmark = NEEDS_NODE

_PATCH = {"ours": "changed"}


@pytest.fixture(scope="module")
def prism() -> Path:
    return install_prism()


@pytest.mark.parametrize("api", parameters())
async def test_no_answer_breaks_the_definition(
    prism: Path, postgres_dsn: str, tmp_path: Path, api: ServedApi
) -> None:
    file = tmp_path / f"{api.name}.json"
    file.write_bytes(orjson.dumps(_with_problems(api_definition(api.name))))
    complaints: list[str] = []
    async with live(api.spec, postgres_dsn) as service:
        base = service.url + api.cases[0].definition.base_path
        async with proxied(prism, file, base) as client:
            for case in api.cases:
                async for answer in _exchange(client, Subject(case, service.harness)):
                    complaints += _complaints(answer)

    assert complaints == []


def _with_problems(definition: Mapping[str, Any]) -> dict[str, Any]:
    """The definition, whose errors may also be problems of RFC 9457: TM Forum's with more in it."""
    return {**definition, "produces": [*definition["produces"], "application/problem+json"]}


def _complaints(answer: httpx.Response) -> list[str]:
    request = answer.request
    found = violations(answer, of="response")
    return [f"{request.method} {request.url.path} {answer.status_code} {one}" for one in found]


async def _exchange(client: httpx.AsyncClient, tried: Subject) -> AsyncIterator[httpx.Response]:
    """Every operation, what succeeds and what is refused."""
    name, operations = tried.definition.resource, tried.operations
    if "create" in operations:
        yield await client.post(name, json=await tried.minimal())
        yield await client.post(name, content=b"{", headers={"Content-Type": "application/json"})
        made = await client.post(name, json=await tried.full())
        yield made
        one = made.json()
    else:
        one = await tried.create()
    path = f"{name}/{one['id']}"
    yield await client.get(path)
    yield await client.get(name)
    yield await client.get(name, params={"id": one["id"]})
    yield await client.get(f"{name}/nothing")
    if "patch" in operations and applies("merge patch", tried.case):
        yield await client.patch(path, json=_PATCH)
        yield await client.patch(path, json={"id": "other"})
        yield await client.patch(f"{name}/nothing", json=_PATCH)
    if "delete" in operations and applies("delete", tried.case):
        yield await client.delete(path)
        yield await client.delete(path)
