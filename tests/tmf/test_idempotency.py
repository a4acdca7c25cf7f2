"""Idempotency-Key on real PostgreSQL: one effect and one answer, whoever comes how often."""

import asyncio

import httpx
import pytest
from dualbus_events.unit_of_work import Database
from dualbus_tmf import idempotency
from dualbus_tmf.idempotency import Answer, IdempotencyKeyTaken, hash_of

from tests.tmf.sample_app import CATEGORIES, CUSTOMERS

KEY = {"Idempotency-Key": "key-1"}


async def test_repeated_post_gets_the_first_answer_again(
    client: httpx.AsyncClient, database: Database
) -> None:
    first = await client.post(CATEGORIES, json={"name": "Mobile"}, headers=KEY)
    second = await client.post(CATEGORIES, json={"name": "Mobile"}, headers=KEY)

    assert (second.status_code, second.content) == (201, first.content)
    for name in ("location", "etag", "x-consistency-token", "content-type"):
        assert second.headers[name] == first.headers[name]
    assert "idempotent-replayed" not in first.headers
    assert second.headers["idempotent-replayed"] == "true"
    assert await database.pool.fetchval("SELECT count(*) FROM category") == 1
    assert await database.pool.fetchval("SELECT count(*) FROM outbox") == 1


async def test_key_with_another_body_is_a_conflict_and_stores_nothing(
    client: httpx.AsyncClient, database: Database
) -> None:
    await client.post(CATEGORIES, json={"name": "Mobile"}, headers=KEY)

    answer = await client.post(CATEGORIES, json={"name": "Internet"}, headers=KEY)

    assert (answer.status_code, answer.json()["code"]) == (409, "idempotencyKeyReused")
    assert "key-1" in answer.json()["detail"]
    assert await database.pool.fetchval("SELECT count(*) FROM category") == 1


async def test_key_of_another_resource_is_another_key(client: httpx.AsyncClient) -> None:
    body = {"name": "Ann", "engagedParty": {"id": "1"}}

    one = await client.post(CATEGORIES, json=body, headers=KEY)
    other = await client.post(CUSTOMERS, json=body, headers=KEY)

    assert (one.status_code, other.status_code) == (201, 201)
    assert "idempotent-replayed" not in other.headers


async def test_concurrent_posts_with_one_key_make_one_resource(
    client: httpx.AsyncClient, database: Database
) -> None:
    answers = await asyncio.gather(
        *(client.post(CATEGORIES, json={"name": "Mobile"}, headers=KEY) for _ in range(12))
    )

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert sum("idempotent-replayed" not in answer.headers for answer in answers) == 1
    assert await database.pool.fetchval("SELECT count(*) FROM category") == 1
    assert await database.pool.fetchval("SELECT count(*) FROM outbox") == 1


async def test_failed_post_leaves_its_key_free(client: httpx.AsyncClient) -> None:
    refused = await client.post(CATEGORIES, json={"description": "no name"}, headers=KEY)

    repeated = await client.post(CATEGORIES, json={"name": "Mobile"}, headers=KEY)

    assert (refused.status_code, repeated.status_code) == (400, 201)


@pytest.mark.parametrize("key", ["", "x" * 256, "a\tb"])
async def test_key_that_is_none_is_refused(client: httpx.AsyncClient, key: str) -> None:
    answer = await client.post(
        CATEGORIES, json={"name": "Mobile"}, headers={"Idempotency-Key": key}
    )

    assert (answer.status_code, answer.json()["code"]) == (400, "invalidIdempotencyKey")


def an_answer(key: str) -> Answer:
    return Answer(key, hash_of(b"body"), 201, {"Location": f"/{key}"}, b'{"id":"1"}')


async def test_answers_are_stored_and_found_in_lists(database: Database) -> None:
    answers = [an_answer("b"), an_answer("a")]

    async with database.unit_of_work() as uow:
        idempotency.store(uow, "/orders", answers)
    async with database.unit_of_work() as uow:
        found = await idempotency.find(uow.connection, "/orders", ["a", "b", "c"])
        elsewhere = await idempotency.find(uow.connection, "/others", ["a"])

    assert found == {"a": an_answer("a"), "b": an_answer("b")}
    assert elsewhere == {}


async def test_one_taken_key_takes_back_the_whole_group(database: Database) -> None:
    async with database.unit_of_work() as uow:
        idempotency.store(uow, "/orders", [an_answer("a")])

    with pytest.raises(IdempotencyKeyTaken):
        async with database.unit_of_work() as uow:
            idempotency.store(uow, "/orders", [an_answer("a"), an_answer("b")])

    assert await database.pool.fetchval("SELECT count(*) FROM idempotency_key") == 1


async def test_key_that_stands_twice_in_a_group_is_taken(database: Database) -> None:
    with pytest.raises(IdempotencyKeyTaken):
        async with database.unit_of_work() as uow:
            idempotency.store(uow, "/orders", [an_answer("a"), an_answer("a")])

    assert await database.pool.fetchval("SELECT count(*) FROM idempotency_key") == 0
