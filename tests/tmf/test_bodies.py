"""Request bodies: every refusal says what is wrong, and where."""

import httpx
import pytest
from dualbus_events.unit_of_work import Database
from dualbus_tmf.bodies import InvalidBody, object_of

from tests.tmf.sample_app import CATEGORIES


@pytest.mark.parametrize(
    ("raw", "detail"),
    [
        (b"", "The body is empty"),
        (b" \n", "The body is empty"),
        (b'{"name": "x",\n "a": }', "expected value at line 2 column 7"),
        (b'{"name": "x"', "line 1 column 12"),
        (b'{"name": "x"} extra', "trailing characters at line 1 column 15"),
        (b'{"name": "\xff"}', "invalid unicode code point"),
        (b'{"name": "\\ud800"}', "unexpected end of hex escape at line 1 column"),
        (b"[1]", "a JSON array; an object is expected"),
        (b'"text"', "a JSON string"),
        (b"null", "a JSON null"),
        (b"true", "a JSON boolean"),
        (b"1", "a JSON number"),
        (b'{"a": NaN}', "expected value"),
        (b'{"a": [{"b": 1e400}]}', "body.a.0.b: the number is too large"),
        (b'{"a": ["x\\u0000"]}', "body.a.0: holds the character U+0000"),
        (b'{"a\\u0000": 1}', "body: holds the character U+0000"),
        (b"[" * 500 + b"]" * 500, "recursion limit exceeded"),
    ],
)
def test_body_that_is_no_object_is_refused_with_its_place(raw: bytes, detail: str) -> None:
    with pytest.raises(InvalidBody) as refused:
        object_of(raw)

    assert detail in str(refused.value)


def test_escaped_backslash_is_no_forbidden_character() -> None:
    assert object_of(b'{"a": "\\\\u0000"}') == {"a": "\\u0000"}


async def test_malformed_json_is_a_400_problem_and_stores_nothing(
    client: httpx.AsyncClient, database: Database
) -> None:
    answer = await client.post(
        CATEGORIES, content=b'{"name": ', headers={"Content-Type": "application/json"}
    )

    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "invalidBody"
    assert "line 1 column 9" in answer.json()["detail"]
    assert await database.pool.fetchval("SELECT count(*) FROM outbox") == 0


async def test_body_without_a_media_type_is_taken_for_json(client: httpx.AsyncClient) -> None:
    answer = await client.post(CATEGORIES, content=b'{"name": "x"}')

    assert answer.status_code == 201


async def test_other_media_type_is_a_415_problem(client: httpx.AsyncClient) -> None:
    answer = await client.post(CATEGORIES, data={"name": "x"})

    assert answer.status_code == 415
    assert "application/json" in answer.json()["detail"]


async def test_deepest_body_that_is_read_is_also_stored(client: httpx.AsyncClient) -> None:
    deep = b'{"name": "x", "id": "deep", "own": ' + b"[" * 198 + b"]" * 198 + b"}"

    answer = await client.post(CATEGORIES, content=deep)

    assert answer.status_code == 201
    assert (await client.get(f"{CATEGORIES}/deep")).json()["own"] == answer.json()["own"]


async def test_body_beyond_the_limit_is_a_413_problem(client: httpx.AsyncClient) -> None:
    answer = await client.post(CATEGORIES, json={"name": "x" * 2_000_000})

    assert (answer.status_code, answer.json()["code"]) == (413, "bodyTooLarge")
