"""Reads that name the writes they must see."""

import asyncio

import pytest
from ods_svc.service import ods_service

from tests.harness import running
from tests.ods.ods_samples import a_customer, an_order

VIEW = "/tmf-api/customer360/v4/customer360"


async def test_read_waits_until_the_version_it_names_is_there(postgres_dsn: str) -> None:
    async with running(ods_service(), postgres_dsn, settings={"consistency_seconds": 20.0}) as ods:
        await ods.deliver(a_customer("c1"), an_order("o1", "c1"))
        token = {"X-Consistency-Token": "customer:c1@1, productOrder:o1@2"}

        reading = asyncio.create_task(ods.client.get(f"{VIEW}/c1", headers=token))
        done_early, _ = await asyncio.wait([reading], timeout=0.15)
        await ods.deliver(an_order("o1", "c1", version=2, state="completed"))
        answer = await reading

    assert not done_early
    assert answer.status_code == 200
    assert answer.json()["productOrder"][0]["state"] == "completed"


async def test_read_of_a_version_that_does_not_come_is_503_with_retry_after(
    postgres_dsn: str,
) -> None:
    async with running(ods_service(), postgres_dsn, settings={"consistency_seconds": 0.1}) as ods:
        await ods.deliver(a_customer("c1"))
        token = {"X-Consistency-Token": "customer:c1@2"}

        answer = await ods.client.get(f"{VIEW}/c1", headers=token)
        met = await ods.client.get(f"{VIEW}/c1", headers={"X-Consistency-Token": "customer:c1@1"})

    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert answer.json()["code"] == "notYetConsistent"
    assert met.status_code == 200


@pytest.mark.parametrize(
    "token", ["", "nonsense", "customer:c1", "customer:c1@x", "secret:c1@1", "customer:c1@1,"]
)
async def test_malformed_token_is_400(postgres_dsn: str, token: str) -> None:
    async with running(ods_service(), postgres_dsn) as ods:
        answer = await ods.client.get(f"{VIEW}/c1", headers={"X-Consistency-Token": token})

    assert answer.status_code == 400
    assert answer.json()["code"] == "malformedConsistencyToken"
