"""Every error leaves as a problem document that says what, where and under which correlation id."""

from collections.abc import AsyncIterator

import asyncpg
import httpx
import pytest
from dualbus_kit import errors
from dualbus_kit.errors import Conflict, DomainError, Invalid, NotFound, Superseded, Unavailable
from dualbus_kit.problems import status_of
from dualbus_kit.service import Process, create_app
from dualbus_kit.settings import ServiceSettings
from fastapi import APIRouter
from pydantic import BaseModel

router = APIRouter()


class ThingNotReady(Conflict):
    code = "thingNotReady"
    reason = "The thing is not ready"


class Thing(BaseModel):
    name: str
    sizes: list[int]


RAISED: dict[str, Exception] = {
    "invalid": Invalid("size must be positive"),
    "missing": NotFound("thing 7 does not exist"),
    "conflict": ThingNotReady("Thing 7 is being made"),
    "superseded": Superseded("thing 7"),
    "unavailable": Unavailable("no answer"),
    "database": asyncpg.CannotConnectNowError("starting up"),
    "text": asyncpg.CharacterNotInRepertoireError("invalid byte sequence: 0x00"),
    "json": asyncpg.UntranslatableCharacterError("unsupported Unicode escape sequence"),
    "fault": RuntimeError("secret detail"),
}


@router.get("/raise/{what}")
async def raise_it(what: str) -> None:
    raise RAISED[what]


@router.post("/thing")
async def create_thing(thing: Thing) -> Thing:
    return thing


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    settings = ServiceSettings(
        database_url="postgresql://nowhere", port=1, KAFKA_BOOTSTRAP_SERVERS="", max_body_bytes=2000
    )
    app = create_app(Process(title="test", settings=settings, routers=[router], parts=[]))
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client


@pytest.mark.parametrize(
    ("what", "status", "code"),
    [
        ("invalid", 400, "invalid"),
        ("missing", 404, "notFound"),
        ("conflict", 409, "thingNotReady"),
        ("superseded", 409, "superseded"),
        ("unavailable", 503, "unavailable"),
        ("database", 503, "unavailable"),
        ("text", 400, "invalid"),
        ("json", 400, "invalid"),
        ("fault", 500, "internalError"),
    ],
)
async def test_an_error_kind_becomes_its_status_and_code(
    client: httpx.AsyncClient, what: str, status: int, code: str
) -> None:
    answer = await client.get(f"/raise/{what}")

    body = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.status_code, body["status"], body["code"]) == (status, str(status), code)
    assert body["instance"] == f"/raise/{what}"
    assert body["reason"]


async def test_a_fault_does_not_tell_its_details(client: httpx.AsyncClient) -> None:
    answer = await client.get("/raise/fault")

    assert "secret" not in answer.text


async def test_what_is_unavailable_says_when_to_come_back(client: httpx.AsyncClient) -> None:
    answer = await client.get("/raise/unavailable")

    assert answer.headers["retry-after"] == "1"


async def test_a_body_that_breaks_a_rule_is_a_400_that_names_the_place(
    client: httpx.AsyncClient,
) -> None:
    answer = await client.post("/thing", json={"name": "x", "sizes": [1, "two"]})

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "body.sizes.1"


async def test_a_body_over_the_limit_is_refused(client: httpx.AsyncClient) -> None:
    answer = await client.post("/thing", json={"name": "x" * 3000, "sizes": []})

    assert (answer.status_code, answer.json()["code"]) == (413, "bodyTooLarge")


async def test_a_streamed_body_over_the_limit_is_refused_too(client: httpx.AsyncClient) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(10):
            yield b"x" * 500

    answer = await client.post(
        "/thing", content=endless(), headers={"content-type": "application/json"}
    )

    assert answer.status_code == 413


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/none", 404), ("PUT", "/thing", 405)]
)
async def test_an_unknown_path_or_method_is_a_problem_too(
    client: httpx.AsyncClient, method: str, path: str, status: int
) -> None:
    answer = await client.request(method, path)

    assert (answer.status_code, answer.json()["status"]) == (status, str(status))
    assert answer.json()["reason"]


async def test_the_correlation_id_comes_back(client: httpx.AsyncClient) -> None:
    given = await client.get("/health/live", headers={"X-Correlation-Id": "abc-1"})
    made = await client.get("/health/live")

    assert given.headers["x-correlation-id"] == "abc-1"
    assert len(made.headers["x-correlation-id"]) == 36


async def test_metrics_are_served(client: httpx.AsyncClient) -> None:
    await client.get("/health/live")

    answer = await client.get("/metrics")

    assert "http_server_request_duration_seconds_count" in answer.text


def test_every_kind_has_a_status() -> None:

    kinds = [k for k in vars(errors).values() if isinstance(k, type) and issubclass(k, DomainError)]
    for kind in kinds:
        if kind is not DomainError:
            assert 400 <= status_of(kind()) < 600
