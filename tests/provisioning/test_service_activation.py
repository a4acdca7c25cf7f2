"""TMF640: single services, activated, configured and ended by the network; monitors tell."""

from typing import Any

import httpx
import orjson
import pytest

from tests.provisioning.network import Provisioning, activate

SERVICES = "/tmf-api/ServiceActivationAndConfiguration/v4/service"
MONITORS = "/tmf-api/ServiceActivationAndConfiguration/v4/monitor"
CANCELS = "/tmf-api/serviceOrdering/v4/cancelServiceOrder"
CUSTOMER = {"id": "c-1", "role": "customer"}


async def post(
    provisioning: Provisioning, specification: str, state: str = "active", **more: Any
) -> httpx.Response:
    body = {
        "state": state,
        "serviceSpecification": {"id": specification},
        "relatedParty": [CUSTOMER],
        **more,
    }
    return await provisioning.harness.client.post(SERVICES, json=body)


async def get(provisioning: Provisioning, href: str) -> dict[str, Any]:
    found: dict[str, Any] = (await provisioning.harness.client.get(href)).json()
    return found


async def active_service(provisioning: Provisioning) -> dict[str, Any]:
    answer = await post(provisioning, "mobile")
    await provisioning.call_element()
    return await get(provisioning, answer.json()["href"])


async def patch(provisioning: Provisioning, service: dict[str, Any], **changes: Any) -> Any:
    return await provisioning.harness.client.patch(service["href"], json=changes)


async def test_posted_service_is_reserved_until_the_network_has_activated_it(
    provisioning: Provisioning,
) -> None:
    answer = await post(provisioning, "mobile")
    monitor = await get(provisioning, answer.headers["Location"])
    await provisioning.call_element()

    service = await get(provisioning, answer.json()["href"])
    done = await get(provisioning, monitor["href"])
    assert (answer.status_code, answer.json()["state"]) == (202, "reserved")
    assert (monitor["state"], monitor["sourceHref"]) == ("InProgress", service["href"])
    assert monitor["request"]["method"] == "POST"
    assert orjson.loads(monitor["request"]["body"])["serviceSpecification"] == {"id": "mobile"}
    assert (done["state"], done["response"]["statusCode"]) == ("Completed", "201")
    assert orjson.loads(done["response"]["body"]) == service
    assert service["state"] == "active"
    assert service["startDate"].endswith("Z")
    assert [one["value"] for one in service["supportingResource"]] == [
        "+99550000001",
        "8999501000000000017",
    ]
    [at_element] = await provisioning.active()
    assert (at_element["serviceId"], at_element["customerId"]) == (service["id"], "c-1")


async def test_request_goes_through_a_service_order_of_its_own(
    provisioning: Provisioning,
) -> None:
    answer = await post(provisioning, "mobile")
    monitor = await get(provisioning, answer.headers["Location"])
    body = {"serviceOrder": {"id": monitor["serviceOrder"]["id"]}}
    denied = await provisioning.harness.client.post(CANCELS, json=body)
    await provisioning.call_element()

    order = await get(provisioning, monitor["serviceOrder"]["href"])
    assert denied.json()["state"] == "terminatedWithError"
    assert order["state"] == "completed"
    assert order["serviceOrderItem"][0]["action"] == "add"
    assert order["serviceOrderItem"][0]["service"]["id"] == answer.json()["id"]


async def test_every_move_is_told_to_the_customers_view(provisioning: Provisioning) -> None:
    service = await active_service(provisioning)

    published = await provisioning.harness.published()
    told = [
        (one.type, one.body["event"]["service"]["state"])
        for one in published
        if one.key == service["id"]
    ]
    monitors = [one for one in published if one.type.startswith("Monitor")]
    assert told == [("ServiceCreateEvent", "reserved"), ("ServiceStateChangeEvent", "active")]
    assert [one.type for one in monitors] == ["MonitorCreateEvent", "MonitorStateChangeEvent"]
    assert {one.headers["ce_customerid"] for one in monitors} == {"c-1"}


async def test_service_of_an_unknown_specification_is_recorded_as_it_is_told(
    provisioning: Provisioning,
) -> None:
    answer = await post(provisioning, "elsewhere")

    assert (answer.status_code, answer.json()["state"]) == (201, "active")
    assert answer.headers["Location"] == answer.json()["href"]
    assert await provisioning.waiting_calls() == 0
    assert await provisioning.bodies("monitor") == []


async def test_refused_activation_is_in_error_and_the_service_stays_reserved_for_another_try(
    provisioning: Provisioning,
) -> None:
    rule = {"match": {"op": "activate"}, "outcome": "reject", "times": 1}
    await provisioning.behave(latencyMs=0, rules=[rule])
    answer = await post(provisioning, "mobile")
    await provisioning.call_element()
    refused = await get(provisioning, answer.headers["Location"])
    service = await get(provisioning, answer.json()["href"])

    again = await patch(provisioning, service, state="active")
    await provisioning.call_element()

    done = await get(provisioning, again.headers["Location"])
    assert (refused["state"], refused["response"]["statusCode"]) == ("InError", "409")
    assert orjson.loads(refused["response"]["body"])["code"] == "elementRefused"
    assert service["state"] == "reserved"
    assert (again.status_code, done["state"]) == (202, "Completed")
    assert done["response"]["statusCode"] == "200"
    assert (await get(provisioning, service["href"]))["state"] == "active"
    assert len(await provisioning.bodies("resource")) == 2, "nothing is assigned twice"


async def test_used_up_pool_refuses_the_service_and_takes_nothing(
    provisioning: Provisioning,
) -> None:
    for _ in range(3):
        await post(provisioning, "leased", "reserved")

    answer = await post(provisioning, "pair")

    assert (answer.status_code, answer.json()["code"]) == (409, "serviceNotRealizable")
    assert len(await provisioning.bodies("service")) == 3
    assert len(await provisioning.bodies("resource")) == 3


async def test_service_is_configured_while_it_is_inactive(provisioning: Provisioning) -> None:
    service = await active_service(provisioning)
    characteristic = [{"name": "bandwidth", "value": 200}]

    refused = await patch(provisioning, service, serviceCharacteristic=characteristic)
    await patch(provisioning, service, state="inactive")
    await provisioning.call_element()
    off = (await get(provisioning, service["href"]), await provisioning.active())
    await patch(provisioning, service, state="active", serviceCharacteristic=characteristic)
    await provisioning.call_element()

    [at_element] = await provisioning.active()
    assert (refused.status_code, refused.json()["code"]) == (409, "serviceActive")
    assert (off[0]["state"], off[1]) == ("inactive", [])
    assert off[0]["supportingResource"] == service["supportingResource"]
    assert at_element["characteristics"] == {"bandwidth": 200}
    assert (await get(provisioning, service["href"]))["state"] == "active"


@pytest.mark.parametrize("by", ["DELETE", "PATCH"])
async def test_ended_service_leaves_the_network_and_gives_its_resources_back(
    provisioning: Provisioning, by: str
) -> None:
    service = await active_service(provisioning)

    body = {"state": "terminated"} if by == "PATCH" else None
    answer = await provisioning.harness.client.request(by, service["href"], json=body)
    await provisioning.call_element()

    ended = await get(provisioning, service["href"])
    monitor = await get(provisioning, answer.headers["Location"])
    assert answer.status_code == 202
    assert monitor["state"] == "Completed"
    assert monitor["response"]["statusCode"] == ("204" if by == "DELETE" else "200")
    assert ended["state"] == "terminated"
    assert ended["endDate"].endswith("Z")
    assert set(await provisioning.states("resource", "resource_status")) == {"available"}
    assert await provisioning.active() == []
    gone = await provisioning.harness.client.delete(service["href"])
    assert gone.status_code == 204
    assert (await provisioning.harness.client.get(service["href"])).status_code == 404


async def test_failed_end_leaves_the_service_and_what_it_holds(
    provisioning: Provisioning,
) -> None:
    service = await active_service(provisioning)
    rule = {"match": {"op": "deactivate"}, "outcome": "fail", "times": 1}
    await provisioning.behave(latencyMs=0, rules=[rule])

    answer = await provisioning.harness.client.delete(service["href"])
    await provisioning.call_element()

    monitor = await get(provisioning, answer.headers["Location"])
    assert (monitor["state"], monitor["response"]["statusCode"]) == ("InError", "500")
    assert await get(provisioning, service["href"]) == service
    assert set(await provisioning.states("resource", "resource_status")) == {"reserved"}


async def test_second_request_waits_for_the_first_ones_monitor(
    provisioning: Provisioning,
) -> None:
    service = (await post(provisioning, "mobile")).json()

    early = await provisioning.harness.client.delete(service["href"])
    await provisioning.call_element()
    late = await provisioning.harness.client.delete(service["href"])

    assert (early.status_code, early.json()["code"]) == (409, "serviceBeingConfigured")
    assert late.status_code == 202


async def test_service_of_a_product_is_changed_by_orders_only(
    provisioning: Provisioning,
) -> None:
    await provisioning.do(activate("mobile"))
    [service] = await provisioning.bodies("service")
    url = f"{SERVICES}/{service['id']}"
    product = {"id": "p-1", "role": "product", "@referredType": "Product"}

    posted = await post(provisioning, "mobile", relatedEntity=[product])
    ended = await provisioning.harness.client.delete(url)
    moved = await provisioning.harness.client.patch(url, json={"state": "inactive"})
    described = await provisioning.harness.client.patch(url, json={"description": "Ada's"})

    assert (posted.status_code, posted.json()["code"]) == (409, "serviceOfProduct")
    assert (ended.status_code, ended.json()["code"]) == (409, "serviceOfProduct")
    assert (moved.status_code, moved.json()["code"]) == (409, "serviceOfProduct")
    assert described.status_code == 200
    assert len(await provisioning.active()) == 1


async def test_forbidden_move_names_both_states_and_changes_nothing(
    provisioning: Provisioning,
) -> None:
    service = (await post(provisioning, "elsewhere")).json()

    answer = await patch(provisioning, service, state="designed")

    assert answer.status_code == 409
    assert (answer.json()["from"], answer.json()["to"]) == ("active", "designed")
    assert await get(provisioning, service["href"]) == service


async def test_service_is_designed_first_and_gets_resources_when_it_is_activated(
    provisioning: Provisioning,
) -> None:
    designed = await post(provisioning, "mobile", "designed")
    before = await provisioning.bodies("resource")

    answer = await patch(provisioning, designed.json(), state="active")
    await provisioning.call_element()

    assert (designed.status_code, before) == (201, [])
    assert answer.status_code == 202
    assert (await get(provisioning, designed.json()["href"]))["state"] == "active"
    assert len(await provisioning.active()) == 1


async def test_repeated_post_with_one_key_makes_one_service(provisioning: Provisioning) -> None:
    body = {"state": "active", "serviceSpecification": {"id": "mobile"}}
    headers = {"Idempotency-Key": "one"}
    client = provisioning.harness.client

    first = await client.post(SERVICES, json=body, headers=headers)
    second = await client.post(SERVICES, json=body, headers=headers)

    assert (first.status_code, second.status_code) == (202, 202)
    assert first.json() == second.json()
    assert first.headers["Location"] == second.headers["Location"]
    assert len(await provisioning.bodies("service")) == 1
    assert (await client.get(MONITORS)).json()[0]["href"] == first.headers["Location"]
