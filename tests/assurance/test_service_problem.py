"""TMF656: problems move as drawn, and tasks leave their mark on them."""

from typing import Any

from tests.harness import Harness

BASE = "/tmf-api/serviceProblemManagement/v4"


async def a_problem(harness: Harness) -> dict[str, Any]:
    answer = await harness.client.post(
        f"{BASE}/serviceProblem",
        json={
            "category": "supplier.originated",
            "description": "No telephony in the north",
            "originatorParty": {"id": "noc", "@referredType": "Organization"},
            "priority": 1,
            "reason": "Card failed",
            "relatedParty": [{"id": "c1", "role": "customer", "@referredType": "Customer"}],
        },
    )
    assert answer.status_code == 201, answer.text
    problem: dict[str, Any] = answer.json()
    return problem


async def task(harness: Harness, name: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    answer = await harness.client.post(f"{BASE}/{name}", json=body)
    return answer.status_code, answer.json()


async def read(harness: Harness, problem: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = (await harness.client.get(problem["href"])).json()
    return found


def ids(references: list[dict[str, Any]]) -> list[str]:
    return [one["id"] for one in references]


async def test_tmf656_problem_says_who_is_responsible_and_how_many_services_it_affects(
    assurance_svc: Harness,
) -> None:
    problem = await a_problem(assurance_svc)
    path = problem["href"]
    named = {"affectedNumberOfServices": 7, "responsibleParty": {"id": "field"}}

    changed = await assurance_svc.client.patch(path, json=named)
    emptied = await assurance_svc.client.patch(
        path,
        json={**dict.fromkeys(named), "affectedService": [{"id": "s1"}, {"id": "s2"}]},
    )

    assert problem["affectedNumberOfServices"] == 0
    assert problem["responsibleParty"] == problem["originatorParty"]
    assert changed.json()["affectedNumberOfServices"] == 7
    assert changed.json()["responsibleParty"]["id"] == "field"
    assert emptied.json()["affectedNumberOfServices"] == 2
    assert emptied.json()["responsibleParty"] == problem["originatorParty"]


async def test_problem_moves_as_drawn_and_its_customer_is_told(assurance_svc: Harness) -> None:
    problem = await a_problem(assurance_svc)

    moves = [
        (await assurance_svc.client.patch(problem["href"], json={"status": status})).status_code
        for status in ("closed", "inProgress", "held", "resolved", "closed", "inProgress")
    ]

    events = await assurance_svc.published("assurance.service-problem.v1")
    assert problem["status"] == "acknowledged"
    assert moves == [409, 200, 200, 200, 200, 200]
    assert {one.headers["ce_customerid"] for one in events} == {"c1"}
    assert [one.type for one in events[1:]] == ["ServiceProblemStateChangeEvent"] * 5


async def test_acknowledging_and_taking_it_back_is_kept_on_the_problem(
    assurance_svc: Harness,
) -> None:
    problem = await a_problem(assurance_svc)
    body = {"problem": [{"id": problem["id"]}], "trackingRecord": {"user": "mia"}}

    _, acknowledged = await task(assurance_svc, "problemAcknowledgement", body)
    _, taken_back = await task(assurance_svc, "problemUnacknowledgement", body)

    records = (await read(assurance_svc, problem))["trackingRecord"]
    assert ids(acknowledged["ackProblem"]) == ids(taken_back["unackProblem"]) == [problem["id"]]
    assert [one["description"] for one in records] == ["acknowledged", "unacknowledged"]
    assert records[0]["user"] == "mia"
    assert records[0]["time"].endswith("Z")


async def test_grouped_problems_name_each_other_until_they_are_ungrouped(
    assurance_svc: Harness,
) -> None:
    parent, child = await a_problem(assurance_svc), await a_problem(assurance_svc)
    family = {"parentProblem": {"id": parent["id"]}, "childProblem": [{"id": child["id"]}]}
    turned = {"parentProblem": {"id": child["id"]}, "childProblem": [{"id": parent["id"]}]}
    unknown = {**family, "childProblem": [{"id": "nobody"}]}

    grouped, _ = await task(assurance_svc, "problemGroup", family)
    loop, _ = await task(assurance_svc, "problemGroup", turned)
    missing, _ = await task(assurance_svc, "problemGroup", unknown)

    assert (grouped, loop, missing) == (201, 409, 404)
    assert ids((await read(assurance_svc, parent))["underlyingProblem"]) == [child["id"]]
    assert ids((await read(assurance_svc, child))["parentProblem"]) == [parent["id"]]
    await task(assurance_svc, "problemUngroup", family)
    assert "underlyingProblem" not in await read(assurance_svc, parent)
    assert "parentProblem" not in await read(assurance_svc, child)
