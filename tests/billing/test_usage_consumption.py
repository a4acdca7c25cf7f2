"""TMF677: what is left on buckets and what was used, of whom, and when."""

from typing import Any

from dualbus_kit.ids import new_id

from tests.harness import Harness

QUERY = "/tmf-api/usageConsumption/v4/queryUsageConsumption"
BALANCE = "/tmf-api/prepayBalanceManagement/v4"
USAGE = "/tmf-api/usageManagement/v4/usage"
ADA = {"id": "ada", "role": "customer", "@referredType": "Customer"}
BOB = {"id": "bob", "role": "customer", "@referredType": "Customer"}


async def post(billing: Harness, path: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = await billing.client.post(path, json=body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def a_bucket(billing: Harness, customer: dict[str, str], **more: Any) -> str:
    """A bucket of 10 GB of which 2.5 GB are spent."""
    about = {
        "bucket": {"id": new_id()},
        "usageType": "data",
        "partyAccount": {"id": f"account of {customer['id']}"},
    }
    whole = {**about, "amount": {"amount": 10, "units": "GB"}, "relatedParty": [customer], **more}
    await post(billing, f"{BALANCE}/topupBalance", whole)
    held = {**about, "amount": {"amount": 2.5, "units": "GB"}}
    reservation = await post(billing, f"{BALANCE}/reserveBalance", held)
    await billing.client.patch(reservation["href"], json={"status": "completed"})
    return str(about["bucket"]["id"])  # type: ignore[index]


async def a_call(billing: Harness, seconds: Any, *, day: str, **more: Any) -> dict[str, Any]:
    record = {
        "usageType": "voice",
        "usageDate": f"2026-11-{day}T12:00:00Z",
        "usageSpecification": {"id": "voice"},
        "relatedParty": [ADA],
        "usageCharacteristic": [
            {"name": "duration", "value": seconds},
            {"name": "unit", "value": "SEC"},
            {"name": "destination", "value": "+43 1"},
        ],
        **more,
    }
    return await post(billing, USAGE, record)


def counted(summary: list[dict[str, Any]]) -> dict[str, tuple[float, str]]:
    return {one["counterType"]: (one["value"]["amount"], one["value"]["units"]) for one in summary}


async def test_an_answer_has_the_buckets_and_the_usage_of_whom_it_asks_for(
    billing: Harness,
) -> None:
    bucket_id = await a_bucket(billing, ADA)
    await a_bucket(billing, BOB)
    await a_call(billing, 60, day="01")
    await a_call(billing, "30.5", day="02")
    await a_call(billing, 7, day="03", relatedParty=[BOB])
    of_product = [{"productRef": {"id": "line"}}]
    await a_call(billing, 100, day="04", ratedProductUsage=of_product)
    wrong = await a_call(billing, 1000, day="05")
    await billing.client.patch(wrong["href"], json={"status": "rejected"})

    asked = await post(billing, QUERY, {"relatedParty": [ADA]})

    [report] = asked["usageConsumption"]
    [bucket] = report["bucketRefOrValue"]
    assert (bucket["id"], bucket["remainingValue"]["amount"]) == (bucket_id, 7.5)
    assert counted(bucket["bucketCounter"]) == {"used": (2.5, "GB")}
    expected = {"records": (2.0, "records"), "duration": (90.5, "SEC")}
    assert counted(report["consumptionSummary"]) == expected
    [product] = report["product"]
    expected = {"records": (1.0, "records"), "duration": (100.0, "SEC")}
    assert (product["id"], counted(product["consumptionSummary"])) == ("line", expected)
    [event] = [p for p in await billing.published() if p.key == asked["id"]]
    assert (event.type, event.headers["ce_customerid"]) == (
        "QueryUsageConsumptionCreateEvent",
        "ada",
    )


async def test_all_kinds_that_are_named_must_fit_and_a_period_bounds_the_records(
    billing: Harness,
) -> None:
    line, tablet = [{"id": "line"}], [{"id": "tablet"}]
    bucket_id = await a_bucket(billing, ADA, product=line)
    await a_bucket(billing, ADA, product=tablet)
    await a_bucket(billing, BOB, product=line)
    for day in ("01", "02", "03"):
        await a_call(billing, 10, day=day)
    period = {"startDateTime": "2026-11-02T00:00:00Z", "endDateTime": "2026-11-03T12:00:00Z"}

    by_account = await post(
        billing,
        QUERY,
        {
            "partyAccount": [{"id": "account of ada"}],
            "searchCriteria": {"product": line, "validPeriod": period},
        },
    )
    of_nobody = await post(billing, QUERY, {"partyAccount": [{"id": "of nobody"}]})
    in_period = {"relatedParty": [ADA], "searchCriteria": {"validPeriod": period}}
    bounded = await post(billing, QUERY, in_period)

    [report] = by_account["usageConsumption"]
    assert [bucket["id"] for bucket in report["bucketRefOrValue"]] == [bucket_id]
    assert report["partyAccount"] == [{"id": "account of ada"}]
    [empty] = of_nobody["usageConsumption"]
    assert (empty["bucketRefOrValue"], empty["consumptionSummary"]) == ([], [])
    [few] = bounded["usageConsumption"]
    assert counted(few["consumptionSummary"])["records"] == (1.0, "records")


async def test_a_question_that_names_nobody_is_refused(billing: Harness) -> None:
    answer = await billing.client.post(QUERY, json={"relatedParty": []})

    assert answer.status_code == 400
    assert "searchCriteria" in answer.json()["message"]
