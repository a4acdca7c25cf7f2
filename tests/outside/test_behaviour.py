"""Steering an outside system: rules, failure rate, latency, what may not be set."""

from collections.abc import AsyncIterator

import httpx
import pytest
from network_element.element import NetworkElement
from network_element.endpoints import create_network_element_app
from network_element.operations import read_activate
from outside_program.behaviour import Behaviour, BehaviourSettings, Rule


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    element = NetworkElement(Behaviour(BehaviourSettings(latency_ms=0)))
    transport = httpx.ASGITransport(app=create_network_element_app(element))
    async with httpx.AsyncClient(transport=transport, base_url="http://element") as client:
        yield client


async def behave(client: httpx.AsyncClient, *rules: dict[str, object]) -> None:
    answer = await client.put("/admin/behaviour", json={"latencyMs": 0, "rules": list(rules)})
    assert answer.status_code == 200


async def activate(
    client: httpx.AsyncClient, activation_id: str, *, number: str = "0311", site: str = "S1"
) -> httpx.Response:
    service = {
        "serviceId": activation_id,
        "serviceType": "leasedLine",
        "resources": [{"type": "number", "value": number}],
        "characteristics": {"siteId": site, "bandwidth": 100, "managed": True},
    }
    return await client.put(f"/activations/{activation_id}", json=service)


@pytest.mark.parametrize(
    ("outcome", "status", "code", "retryable"),
    [
        ("unavailable", 503, "unavailable", True),
        ("fail", 500, "elementFault", False),
        ("reject", 422, "rejected", False),
    ],
)
async def test_rule_decides_how_a_matching_request_ends(
    client: httpx.AsyncClient, outcome: str, status: int, code: str, retryable: bool
) -> None:
    await behave(client, {"match": {"siteId": "S1"}, "outcome": outcome})

    hit = await activate(client, "a-1", site="S1")
    missed = await activate(client, "a-2", site="S2")

    assert hit.status_code == status
    assert hit.json()["error"]["code"] == code
    assert hit.json()["error"]["retryable"] is retryable
    assert missed.status_code == 200
    assert (await client.get("/admin/active")).json()["count"] == 1


@pytest.mark.parametrize(
    "match",
    [
        {},
        {"number": "03*"},
        {"serviceType": "leasedLine", "siteId": "S?"},
        {"bandwidth": "100"},
        {"managed": "true"},
        {"activationId": "a-1", "op": "activate"},
    ],
)
async def test_rule_matches_fields_characteristics_and_resources(
    client: httpx.AsyncClient, match: dict[str, str]
) -> None:
    await behave(client, {"match": match, "outcome": "reject"})

    answer = await activate(client, "a-1")

    assert answer.status_code == 422


async def test_rule_with_one_field_that_differs_does_not_apply(client: httpx.AsyncClient) -> None:
    await behave(client, {"match": {"siteId": "S1", "number": "0799*"}, "outcome": "reject"})

    answer = await activate(client, "a-1")

    assert answer.status_code == 200


async def test_first_matching_rule_goes_before_later_ones(client: httpx.AsyncClient) -> None:
    await behave(
        client,
        {"match": {"siteId": "S1"}, "outcome": "ok"},
        {"match": {}, "outcome": "fail"},
    )

    first = await activate(client, "a-1", site="S1")
    second = await activate(client, "a-2", site="S2")

    assert [first.status_code, second.status_code] == [200, 500]


async def test_rule_with_times_is_used_up(client: httpx.AsyncClient) -> None:
    await behave(client, {"match": {}, "outcome": "unavailable", "times": 2})

    statuses = [(await activate(client, "a-1")).status_code for _ in range(3)]

    left = (await client.get("/admin/behaviour")).json()["rules"][0]["times"]
    assert statuses == [503, 503, 200]
    assert left == 0


async def test_rule_for_activations_lets_the_undoing_through(client: httpx.AsyncClient) -> None:
    await activate(client, "a-1")
    await behave(client, {"match": {"siteId": "S1", "op": "activate"}, "outcome": "fail"})

    answer = await client.delete("/activations/a-1")

    assert answer.status_code == 200


async def test_deactivation_is_matched_by_what_it_ends(client: httpx.AsyncClient) -> None:
    await activate(client, "a-1", site="S1")
    await behave(client, {"match": {"siteId": "S1", "op": "deactivate"}, "outcome": "fail"})

    answer = await client.delete("/activations/a-1")

    assert answer.status_code == 500
    assert (await client.get("/admin/active")).json()["count"] == 1


async def test_same_seed_fails_the_same_requests(client: httpx.AsyncClient) -> None:
    settings = {"latencyMs": 0, "failureRate": 0.5, "seed": 7}

    runs = []
    for _ in range(2):
        await client.put("/admin/behaviour", json=settings)
        runs.append([(await client.delete(f"/activations/{i}")).status_code for i in range(40)])

    assert runs[0] == runs[1]
    assert set(runs[0]) == {200, 503}
    assert (await client.get("/admin/activity")).json()["failures"] == 2 * runs[0].count(503)


def test_slow_answer_does_not_hold_back_the_activation() -> None:
    element = NetworkElement(Behaviour(BehaviourSettings(latency_ms=60_000)))

    answer = element.activate(read_activate("a-1", {"serviceId": "s", "serviceType": "mobile"}))

    assert answer.latency_ms == 60_000
    assert len(element.active()) == 1


def test_rule_without_outcome_leaves_failures_to_the_rate() -> None:
    rule = Rule(match={}, latency_ms=70)
    behaviour = Behaviour(BehaviourSettings(latency_ms=5, failure_rate=1, rules=[rule]))

    decision = behaviour.decide(dict)

    assert (decision.latency_ms, decision.outcome) == (70, "unavailable")


def test_rule_without_latency_keeps_the_general_one() -> None:
    rule = Rule(match={}, outcome="reject")
    behaviour = Behaviour(BehaviourSettings(latency_ms=5, rules=[rule]))

    decision = behaviour.decide(dict)

    assert (decision.latency_ms, decision.outcome) == (5, "reject")


@pytest.mark.parametrize(
    "settings",
    [
        {"failureRate": 1.5},
        {"latencyMs": -1},
        {"latency": 5},
        {"rules": [{"match": {}, "outcome": "explode"}]},
        {"rules": [{"outcome": "fail"}]},
    ],
)
async def test_behaviour_that_makes_no_sense_is_refused_and_changes_nothing(
    client: httpx.AsyncClient, settings: dict[str, object]
) -> None:
    before = (await client.get("/admin/behaviour")).json()

    answer = await client.put("/admin/behaviour", json=settings)

    assert answer.status_code == 422
    assert (await client.get("/admin/behaviour")).json() == before
