"""What a usage record means beside its definition: accepted once, and moved as TMF635 draws it."""

from tests.harness import Harness

PATH = "/tmf-api/usageManagement/v4/usage"
RECORD = {"id": "cdr-1", "usageSpecification": {"id": "voice"}, "description": "a call"}
CREATED = "UsageCreateEvent"


async def test_a_record_sent_twice_is_accepted_once(billing: Harness) -> None:
    first = await billing.client.post(PATH, json=RECORD)
    again = await billing.client.post(PATH, json={**RECORD, "description": "another"})

    assert (first.status_code, again.status_code) == (201, 409)
    (kept,) = (await billing.client.get(PATH)).json()
    assert (kept["id"], kept["status"], kept["description"]) == ("cdr-1", "received", "a call")
    assert [p.type for p in await billing.published()] == [CREATED]


async def test_a_record_is_not_billed_before_it_is_rated(billing: Harness) -> None:
    await billing.client.post(PATH, json=RECORD)

    refused = await billing.client.patch(f"{PATH}/cdr-1", json={"status": "billed"})

    assert refused.status_code == 409
    assert all(state in refused.json()["message"] for state in ("received", "billed"))
    for state in ("guided", "rated", "billed"):
        moved = await billing.client.patch(f"{PATH}/cdr-1", json={"status": state})
        assert (moved.status_code, moved.json()["status"]) == (200, state)
