"""TMF654 as TM Forum's kit asks: buckets by POST, and actions that say no more than they must."""

from typing import Any

import pytest
import pytest_asyncio
from billing_svc.service import SERVICE
from dualbus_kit.ids import new_id

from tests.harness import Harness, running

BASE = "/tmf-api/prepayBalanceManagement/v4"
FIFTY = {"amount": 50, "units": "EUR"}
pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def billing(postgres_dsn: str) -> Any:
    async with running(SERVICE, postgres_dsn) as harness:
        yield harness


async def post(
    billing: Harness, resource: str, body: dict[str, Any], *, status: int = 201
) -> dict[str, Any]:
    answer = await billing.client.post(f"{BASE}/{resource}", json=body)
    assert answer.status_code == status, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def bucket_of(billing: Harness, bucket_id: str) -> dict[str, Any]:
    bucket: dict[str, Any] = (await billing.client.get(f"{BASE}/bucket/{bucket_id}")).json()
    return bucket


async def sums_of(billing: Harness, account_id: str) -> list[dict[str, Any]]:
    asked = {"partyAccount.id": account_id}
    found: list[dict[str, Any]] = (
        await billing.client.get(f"{BASE}/accumulatedBalance", params=asked)
    ).json()
    return [sum_["totalBalance"] for sum_ in found]


async def test_posted_bucket_is_empty_its_own_account_and_takes_the_first_units(
    billing: Harness,
) -> None:
    bucket = await post(billing, "bucket", {"usageType": "monetary", "colour": "red"})

    assert (bucket["status"], bucket["usageType"], bucket["colour"]) == (
        "active",
        "monetary",
        "red",
    )
    assert bucket["confirmationDate"] == bucket["requestedDate"]
    assert bucket["partyAccount"]["id"] == bucket["id"]
    assert bucket["remainingValue"] == {"amount": 0, "units": "monetary"}
    assert await sums_of(billing, bucket["id"]) == []
    topup = await post(billing, "topupBalance", {"amount": FIFTY, "bucket": {"id": bucket["id"]}})
    assert (topup["status"], topup["usageType"]) == ("completed", "monetary")
    assert topup["partyAccount"]["id"] == bucket["id"]
    assert (await bucket_of(billing, bucket["id"]))["remainingValue"] == FIFTY
    assert await sums_of(billing, bucket["id"]) == [FIFTY]
    dollars = {"amount": {"amount": 1, "units": "USD"}, "bucket": {"id": bucket["id"]}}
    refused = await post(billing, "topupBalance", dollars)
    assert refused["error"]["code"] == "wrongUnits"
    events = [e.type for e in await billing.published("billing.bucket.v1") if e.key == bucket["id"]]
    assert events == ["BucketCreateEvent", "BucketAttributeValueChangeEvent"]


async def test_posted_bucket_may_bring_its_id_account_and_units_once(billing: Harness) -> None:
    bucket_id, account_id = new_id(), new_id()
    body = {
        "id": bucket_id,
        "usageType": "data",
        "partyAccount": {"id": account_id},
        "remainingValue": {"amount": 0, "units": "MB"},
    }

    await post(billing, "bucket", body)

    assert await sums_of(billing, account_id) == [{"amount": 0, "units": "MB"}]
    await post(billing, "bucket", body, status=409)
    refused = await post(billing, "topupBalance", {"amount": FIFTY, "bucket": {"id": bucket_id}})
    assert refused["error"]["code"] == "wrongUnits"
    topup = {"amount": {"amount": 5, "units": "MB"}, "bucket": {"id": bucket_id}}
    assert (await post(billing, "topupBalance", topup))["usageType"] == "data"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"usageType": ""},
        {"usageType": "monetary", "id": "a b"},
        {"usageType": "monetary", "remainingValue": FIFTY},
        {"usageType": "monetary", "validFor": "tomorrow"},
    ],
)
async def test_bucket_that_can_not_be_opened_so_is_refused(
    billing: Harness, body: dict[str, Any]
) -> None:
    problem = await post(billing, "bucket", body, status=400)

    assert problem["code"]


async def test_actions_on_a_bucket_that_nobody_opened_say_no_more_than_they_must(
    billing: Harness,
) -> None:
    bucket = {"id": new_id(), "href": "/prepayBalanceManagement/v4/bucket/11"}

    opening = await post(billing, "topupBalance", {"amount": FIFTY, "bucket": bucket})
    adjusted = await post(
        billing,
        "adjustBalance",
        {"amount": FIFTY, "usageType": "monetary", "product": {"id": "7"}, "bucket": bucket},
    )
    reserved = await post(billing, "reserveBalance", {"amount": FIFTY, "bucket": bucket})

    assert (opening["status"], opening["usageType"]) == ("completed", "monetary")
    assert (adjusted["status"], adjusted["product"]) == ("completed", [{"id": "7"}])
    assert (reserved["status"], reserved["relatedParty"]) == ("created", [])
    left = await bucket_of(billing, bucket["id"])
    assert (left["remainingValue"]["amount"], left["reservedValue"]["amount"]) == (100, 50)


@pytest.mark.parametrize(
    ("opened", "code"), [(True, "balanceNotCovered"), (False, "bucketUnknown")]
)
async def test_refused_reservation_of_all_there_is_says_that_it_is_nothing(
    billing: Harness, opened: bool, code: str
) -> None:
    bucket_id = new_id()
    if opened:
        await post(billing, "bucket", {"id": bucket_id, "usageType": "monetary"})

    reserved = await post(billing, "reserveBalance", {"bucket": {"id": bucket_id}})

    assert (reserved["status"], reserved["error"]["code"]) == ("failed", code)
    assert reserved["amount"] == {"amount": 0, "units": "monetary"}
    assert reserved["relatedParty"] == []


@pytest.mark.parametrize("bucket", ["11", {}, {"id": 7}, {"id": "a b"}])
async def test_top_up_must_name_a_bucket(billing: Harness, bucket: Any) -> None:
    problem = await post(billing, "topupBalance", {"amount": FIFTY, "bucket": bucket}, status=400)

    assert "bucket" in problem["detail"]
