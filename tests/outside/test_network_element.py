"""The network element: activations, resources held alone, batches, errors."""

from collections.abc import AsyncIterator

import httpx
import pytest
from network_element.element import NetworkElement
from network_element.endpoints import create_network_element_app
from outside_program.behaviour import Behaviour, BehaviourSettings


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    element = NetworkElement(Behaviour(BehaviourSettings(latency_ms=0)))
    transport = httpx.ASGITransport(app=create_network_element_app(element))
    async with httpx.AsyncClient(transport=transport, base_url="http://element") as client:
        yield client


def a_service(*, service_id: str = "s-1", number: str = "03110001") -> dict[str, object]:
    return {
        "serviceId": service_id,
        "serviceType": "mobile",
        "customerId": "c-1",
        "resources": [{"type": "number", "value": number}],
        "characteristics": {"siteId": "S1", "bandwidth": 100},
    }


async def test_activated_service_is_active(client: httpx.AsyncClient) -> None:
    answer = await client.put("/activations/a-1", json=a_service())

    active = (await client.get("/admin/active")).json()
    assert answer.status_code == 200
    assert answer.json()["activationId"] == "a-1"
    assert answer.json()["status"] == "active"
    assert answer.json()["activatedAt"].endswith("Z")
    assert active["count"] == 1
    assert active["active"][0]["resources"] == [{"type": "number", "value": "03110001"}]
    assert (await client.get("/activations/a-1")).json() == active["active"][0]


async def test_activation_asked_twice_is_done_once_and_answered_the_same(
    client: httpx.AsyncClient,
) -> None:
    first = await client.put("/activations/a-1", json=a_service())
    second = await client.put("/activations/a-1", json=a_service())

    activity = (await client.get("/admin/activity")).json()
    assert second.json() == first.json()
    assert activity == {
        "requests": 2,
        "activations": 1,
        "deactivations": 0,
        "duplicates": 1,
        "failures": 0,
        "rejections": 0,
    }


async def test_number_in_use_is_refused_until_it_is_given_back(client: httpx.AsyncClient) -> None:
    await client.put("/activations/a-1", json=a_service())

    refused = await client.put("/activations/a-2", json=a_service(service_id="s-2"))
    await client.delete("/activations/a-1")
    accepted = await client.put("/activations/a-2", json=a_service(service_id="s-2"))

    assert refused.status_code == 409
    assert refused.json()["error"] == {
        "code": "resourceInUse",
        "message": "number 03110001 is active under a-1",
        "retryable": False,
    }
    assert accepted.status_code == 200


async def test_unknown_activation_is_inactive_already(client: httpx.AsyncClient) -> None:
    answer = await client.delete("/activations/never-seen")

    assert answer.status_code == 200
    assert answer.json() == {"activationId": "never-seen", "status": "inactive"}
    assert (await client.get("/activations/never-seen")).status_code == 404


async def test_service_can_be_activated_again_after_its_deactivation(
    client: httpx.AsyncClient,
) -> None:
    await client.put("/activations/a-1", json=a_service())
    await client.delete("/activations/a-1")

    again = await client.put("/activations/a-1", json=a_service())

    assert again.json()["status"] == "active"
    assert (await client.get("/admin/activity")).json()["activations"] == 2


async def test_batch_is_done_in_its_order_and_a_bad_member_stops_nobody_else(
    client: httpx.AsyncClient,
) -> None:
    await client.put("/activations/a-1", json=a_service())
    operations = [
        {"op": "activate", "activationId": "a-2", **a_service(service_id="s-2")},
        {"op": "deactivate", "activationId": "a-1"},
        {"op": "activate", "activationId": "a-3", **a_service(service_id="s-3")},
        {"op": "reboot", "activationId": "a-4"},
        "nonsense",
        {"op": "activate", "activationId": "a-5", "serviceId": "s-5"},
    ]

    answer = await client.post("/activations/batch", json={"operations": operations})

    results = answer.json()["results"]
    assert answer.status_code == 200
    assert [(result["activationId"], result["httpStatus"]) for result in results] == [
        ("a-2", 409),
        ("a-1", 200),
        ("a-3", 200),
        ("a-4", 400),
        (None, 400),
        ("a-5", 400),
    ]
    assert results[2]["status"] == "active"
    assert results[5]["error"]["message"] == "serviceType must be a text that is not empty"


@pytest.mark.parametrize(
    ("content", "where"),
    [
        (b"{", "body is not JSON"),
        (b"[]", "body must be an object"),
        (b'{"serviceType": "mobile"}', "serviceId"),
        (b'{"serviceId": "s", "serviceType": 5}', "serviceType"),
        (b'{"serviceId": "s", "serviceType": "m", "resources": {}}', "resources"),
        (b'{"serviceId": "s", "serviceType": "m", "resources": [{}]}', "resources[0].type"),
        (b'{"serviceId": "s", "serviceType": "m", "characteristics": 5}', "characteristics"),
    ],
)
async def test_malformed_activation_is_refused_with_the_place(
    client: httpx.AsyncClient, content: bytes, where: str
) -> None:
    answer = await client.put("/activations/a-1", content=content)

    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "malformedRequest"
    assert where in answer.json()["error"]["message"]
    assert (await client.get("/admin/active")).json()["count"] == 0


async def test_malformed_batch_is_refused_as_a_whole(client: httpx.AsyncClient) -> None:
    answer = await client.post("/activations/batch", json={"operations": "all of them"})

    assert answer.status_code == 400
    assert answer.json()["error"]["message"] == "operations must be a list"


async def test_element_is_live(client: httpx.AsyncClient) -> None:
    assert (await client.get("/health/live")).json() == {"status": "up"}
    assert (await client.get("/health/ready")).status_code == 200


async def test_slow_member_of_a_batch_is_pending_and_holds_nobody_up(
    client: httpx.AsyncClient,
) -> None:
    slow = {"match": {"serviceType": "leased", "op": "activate"}, "latencyMs": 20_000, "times": 1}
    await client.put("/admin/behaviour", json={"latencyMs": 0, "rules": [slow]})
    operations = [
        {"op": "activate", "activationId": "a-1", "serviceId": "s-1", "serviceType": "leased"},
        {"op": "activate", "activationId": "a-2", "serviceId": "s-2", "serviceType": "mobile"},
    ]

    first = await client.post("/activations/batch", json={"waitMs": 0, "operations": operations})
    again = await client.post("/activations/batch", json={"waitMs": 0, "operations": operations})
    ended = {"op": "deactivate", "activationId": "a-1"}
    undone = await client.post("/activations/batch", json={"waitMs": 0, "operations": [ended]})

    assert [result["httpStatus"] for result in first.json()["results"]] == [202, 200]
    assert first.json()["results"][0]["status"] == "pending"
    assert [result["httpStatus"] for result in again.json()["results"]] == [202, 200]
    assert undone.json()["results"][0]["status"] == "inactive"
    assert (await client.get("/admin/active")).json()["count"] == 1


async def test_pending_member_answers_when_its_time_has_come(client: httpx.AsyncClient) -> None:
    slow = {"match": {"serviceType": "leased"}, "latencyMs": 30, "outcome": "fail", "times": 1}
    await client.put("/admin/behaviour", json={"latencyMs": 0, "rules": [slow]})
    operation = {
        "op": "activate", "activationId": "a-1", "serviceId": "s-1", "serviceType": "leased"
    }  # fmt: skip

    first = await client.post("/activations/batch", json={"waitMs": 0, "operations": [operation]})
    again = await client.post(
        "/activations/batch", json={"waitMs": 5_000, "operations": [operation]}
    )

    assert first.json()["results"][0]["httpStatus"] == 202
    assert again.json()["results"][0]["httpStatus"] == 500
    assert (await client.get("/admin/activity")).json()["requests"] == 1


@pytest.mark.parametrize("wait", [-1, "100", True])
async def test_wait_that_is_no_number_is_refused(client: httpx.AsyncClient, wait: object) -> None:
    answer = await client.post("/activations/batch", json={"waitMs": wait, "operations": []})

    assert answer.status_code == 400
    assert answer.json()["error"]["message"] == "waitMs must be a number, 0 or more"
