"""TMF654 on a real database: repeats, concurrency, customers, events, and time."""

import asyncio
from typing import Any

import httpx
import pytest
import pytest_asyncio
from billing_svc.balance_action.use_cases import RESERVATION, reservations_ended
from billing_svc.bucket.use_cases import BUCKET_END, buckets_ended
from billing_svc.service import SERVICE
from dualbus_events.timers import TimerRunner
from dualbus_kit.ids import new_id

from tests.harness import Harness, running

BASE = "/tmf-api/prepayBalanceManagement/v4"
pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def billing(postgres_dsn: str) -> Any:
    async with running(SERVICE, postgres_dsn) as harness:
        yield harness


def euros(amount: float) -> dict[str, Any]:
    return {"amount": amount, "units": "EUR"}


async def post(
    billing: Harness, action: str, body: dict[str, Any], *, key: str | None = None
) -> httpx.Response:
    headers = {"Idempotency-Key": key} if key else {}
    return await billing.client.post(f"{BASE}/{action}", json=body, headers=headers)


async def top_up(
    billing: Harness, bucket_id: str, amount: float, *, account: str = "a", key: str | None = None
) -> dict[str, Any]:
    body = {
        "amount": euros(amount),
        "usageType": "monetary",
        "bucket": {"id": bucket_id},
        "partyAccount": {"id": account},
    }
    answer = await post(billing, "topupBalance", body, key=key)
    assert answer.status_code == 201, answer.text
    done: dict[str, Any] = answer.json()
    return done


async def reserve(billing: Harness, bucket_id: str, amount: float, **more: Any) -> dict[str, Any]:
    body = {
        "amount": euros(amount),
        "usageType": "monetary",
        "bucket": {"id": bucket_id},
        "partyAccount": {"id": "a"},
        **more,
    }
    reservation: dict[str, Any] = (await post(billing, "reserveBalance", body)).json()
    return reservation


async def a_bucket(billing: Harness, amount: float, **more: Any) -> str:
    bucket_id = new_id()
    await top_up(billing, bucket_id, amount, **more)
    return bucket_id


async def values(billing: Harness, *bucket_ids: str) -> list[tuple[float, float]]:
    """Remaining and reserved of each."""
    buckets = [(await billing.client.get(f"{BASE}/bucket/{id_}")).json() for id_ in bucket_ids]
    return [(b["remainingValue"]["amount"], b["reservedValue"]["amount"]) for b in buckets]


async def test_top_ups_of_one_new_bucket_at_once_open_it_once_and_all_count(
    billing: Harness,
) -> None:
    bucket_id = new_id()

    done = await asyncio.gather(*(top_up(billing, bucket_id, 0.1) for _ in range(10)))

    assert {topup["status"] for topup in done} == {"completed"}
    assert await values(billing, bucket_id) == [(1.0, 0.0)]


async def test_a_top_up_that_is_repeated_at_once_and_later_counts_once(billing: Harness) -> None:
    bucket_id, key = new_id(), new_id()

    at_once = [top_up(billing, bucket_id, 5, key=key) for _ in range(5)]
    done = [*await asyncio.gather(*at_once), await top_up(billing, bucket_id, 5, key=key)]

    assert len({topup["id"] for topup in done}) == 1
    assert await values(billing, bucket_id) == [(5.0, 0.0)]


async def test_transfers_to_and_fro_at_once_neither_wait_for_ever_nor_lose_a_cent(
    billing: Harness,
) -> None:
    one, other = await a_bucket(billing, 1), await a_bucket(billing, 1)

    async def transfer(source: str, receiver: str) -> str:
        body = {
            "amount": euros(0.7),
            "reason": "to and fro",
            "channel": {"id": "app"},
            "logicalResource": [{"id": "1"}],
            "receiverLogicalResource": {"id": "2"},
            "usageType": "monetary",
            "bucket": {"id": source},
            "receiverBucket": {"id": receiver},
            "receiverBucketUsageType": "monetary",
        }
        answer = await post(billing, "transferBalance", body)
        assert answer.status_code == 201, answer.text
        transferred = answer.json()
        assert (transferred["status"] == "failed") == ("error" in transferred)
        return str(transferred["status"])

    ways = [(one, other), (one, other), (other, one)] * 5
    statuses = await asyncio.gather(*(transfer(*way) for way in ways))

    assert set(statuses) == {"completed", "failed"}
    (first, _), (second, _) = await values(billing, one, other)
    assert (first + second, min(first, second) >= 0) == (2.0, True)


async def test_more_than_there_is_can_not_be_held_by_many_at_once(billing: Harness) -> None:
    bucket_id = await a_bucket(billing, 10)

    tried = await asyncio.gather(*(reserve(billing, bucket_id, 3) for _ in range(6)))

    statuses = sorted(reservation["status"] for reservation in tried)
    assert statuses == ["created"] * 3 + ["failed"] * 3
    refused = next(r for r in tried if r["status"] == "failed")
    assert refused["error"]["code"] == "balanceNotCovered"
    assert await values(billing, bucket_id) == [(10.0, 9.0)]


async def test_a_reservation_is_spent_or_released_once(billing: Harness) -> None:
    bucket_id = await a_bucket(billing, 10)
    spent, released, deleted = [await reserve(billing, bucket_id, 2) for _ in range(3)]

    async def settle(reservation: dict[str, Any], status: str) -> int:
        answer = await billing.client.patch(reservation["href"], json={"status": status})
        return answer.status_code

    at_once = [settle(spent, status) for status in ("completed", "cancelled", "completed")]
    assert await settle(spent, "completed") == 200
    assert await asyncio.gather(*at_once) == [200, 409, 200]
    assert await settle(released, "cancelled") == 200
    assert await settle(released, "completed") == 409
    assert (await billing.client.delete(deleted["href"])).status_code == 204
    assert await values(billing, bucket_id) == [(8.0, 0.0)]


async def test_a_reservation_that_nobody_settles_is_released_when_its_time_is_over(
    billing: Harness,
) -> None:
    bucket_id = await a_bucket(billing, 10)
    kept, spent, over, late = [
        await reserve(billing, bucket_id, 1, validFor={"endDateTime": end})
        for end in ("2099-01-01T00:00:00Z", None, None, "2026-01-01T00:00:00Z")
    ]
    await billing.client.patch(spent["href"], json={"status": "completed"})
    runner = TimerRunner(billing.database, kind=RESERVATION, fire=reservations_ended)

    assert await runner.fire_due() == 0
    await billing.database.pool.execute(
        "UPDATE timer SET due_at = now() WHERE key = ANY($1)", [spent["id"], over["id"]]
    )
    assert await runner.fire_due() == 2

    assert await values(billing, bucket_id) == [(9.0, 1.0)]
    asked = {"bucket.id": bucket_id, "sort": "id"}
    listed = (await billing.client.get(f"{BASE}/reserveBalance", params=asked)).json()
    statuses = [reservation["status"] for reservation in listed]
    assert statuses == ["created", "completed", "cancelled", "failed"]
    assert late["error"]["code"] == "reservationOver"
    cancelled = await billing.published(event_type="ReserveBalanceCancelEvent")
    assert over["id"] in [event.key for event in cancelled]
    assert kept["validFor"]["endDateTime"] == "2099-01-01T00:00:00.000Z"


async def test_buckets_and_actions_belong_to_the_customer_of_their_account(
    billing: Harness,
) -> None:
    customer = {"id": new_id(), "role": "customer", "@referredType": "Customer"}
    account = {"name": "Prepaid", "relatedParty": [customer]}
    path = "/tmf-api/accountManagement/v4/partyAccount"
    account_id = (await billing.client.post(path, json=account)).json()["id"]
    await billing.forget_published()

    bucket_id = await a_bucket(billing, 7.5, account=account_id)
    await a_bucket(billing, 2.5, account=account_id)

    published = await billing.published()
    assert {p.headers["ce_customerid"] for p in published} == {customer["id"]}
    assert [p.type for p in published if p.key == bucket_id] == ["BucketCreateEvent"]
    asked = {"partyAccount.id": account_id}
    (whole,) = (await billing.client.get(f"{BASE}/accumulatedBalance", params=asked)).json()
    assert whole["totalBalance"] == euros(10)
    assert bucket_id in {bucket["id"] for bucket in whole["bucket"]}
    assert whole["relatedParty"] == [customer]


async def test_what_was_moved_can_not_be_changed_or_undone_by_its_record(
    billing: Harness,
) -> None:
    bucket_id = new_id()
    topup = await top_up(billing, bucket_id, 5)

    more = await billing.client.patch(topup["href"], json={"amount": euros(500)})
    undone = await billing.client.patch(topup["href"], json={"status": "cancelled"})
    deleted = await billing.client.delete(topup["href"])

    assert (more.status_code, undone.status_code, deleted.status_code) == (400, 409, 204)
    assert all(state in undone.json()["message"] for state in ("completed", "cancelled"))
    assert await values(billing, bucket_id) == [(5.0, 0.0)]


async def test_bucket_expires_at_its_end_and_is_in_no_sum_any_more(billing: Harness) -> None:
    bucket_id, account, ends = new_id(), new_id(), "2099-01-01T00:00:00.000Z"
    body = {
        "amount": euros(5),
        "usageType": "monetary",
        "bucket": {"id": bucket_id},
        "partyAccount": {"id": account},
        "validFor": {"endDateTime": ends},
    }
    await post(billing, "topupBalance", body)
    runner = TimerRunner(billing.database, kind=BUCKET_END, fire=buckets_ended)
    early = await runner.fire_due()
    await billing.database.pool.execute("UPDATE timer SET due_at = now() WHERE key = $1", bucket_id)

    fired = await runner.fire_due()

    bucket = (await billing.client.get(f"{BASE}/bucket/{bucket_id}")).json()
    sums = await billing.client.get(
        f"{BASE}/accumulatedBalance", params={"partyAccount.id": account}
    )
    late = (await post(billing, "topupBalance", body)).json()
    told = await billing.published(event_type="BucketAttributeValueChangeEvent")
    states = [one.body["event"]["bucket"]["status"] for one in told if one.key == bucket_id]
    assert (early, fired) == (0, 1)
    assert (bucket["status"], bucket["validFor"]["endDateTime"]) == ("expired", ends)
    assert bucket["remainingValue"]["amount"] == 5
    assert states == ["expired"]
    assert [one["totalBalance"]["amount"] for one in sums.json()] == [0]
    assert (late["status"], late["error"]["code"]) == ("failed", "bucketExpired")
