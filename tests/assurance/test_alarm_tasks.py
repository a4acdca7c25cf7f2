"""TMF642's tasks: one request, many alarms, and each alarm says what was done to it."""

from typing import Any

import httpx

from tests.assurance.network import ALARMS, a_service, raised, services_exist, tickets
from tests.harness import Harness

BASE = ALARMS.removesuffix("/alarm")
BY = {"ackUserId": "mia", "ackSystemId": "noc"}
GROUP = {"sourceSystemId": "noc", "alarmChangedTime": "2026-01-31T09:35:00.000Z"}


async def done(harness: Harness, task: str, **body: Any) -> dict[str, Any]:
    """The task after a POST."""
    answer = await harness.client.post(f"{BASE}/{task}", json=body)
    assert answer.status_code == 201, answer.text
    result: dict[str, Any] = answer.json()
    return result


async def read(harness: Harness, alarm: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = (await harness.client.get(alarm["href"])).json()
    return found


def ids(references: list[dict[str, Any]]) -> list[str]:
    return [one["id"] for one in references]


def family(parent: dict[str, Any], *children: dict[str, Any]) -> dict[str, Any]:
    named = [{"id": child["id"]} for child in children]
    return {**GROUP, "parentAlarm": {"id": parent["id"]}, "correlatedAlarm": named}


async def test_acknowledging_is_of_all_that_meet_any_pattern_and_can_be_taken_back(
    assurance_svc: Harness,
) -> None:
    first, second, other = [await raised(assurance_svc, one) for one in ("r1", "r2", "r3")]
    patterns = [{"alarmedObject": {"id": "r1"}, "state": "raised"}, {"id": second["id"]}]

    task = await done(assurance_svc, "ackAlarms", **BY, alarmPattern=patterns)
    again = await done(assurance_svc, "ackAlarms", **BY, alarmPattern=patterns)

    acknowledged = await read(assurance_svc, first)
    assert (task["state"], ids(task["ackedAlarm"])) == ("done", [first["id"], second["id"]])
    assert again["ackedAlarm"] == []
    assert (acknowledged["ackState"], acknowledged["ackUserId"]) == ("acknowledged", "mia")
    assert "ackState" not in await read(assurance_svc, other)
    back = await done(assurance_svc, "unAckAlarms", **BY, alarmPattern=[{"id": first["id"]}])
    assert ids(back["unAckedAlarm"]) == [first["id"]]
    assert (await read(assurance_svc, first))["ackState"] == "unacknowledged"
    types = [one.type for one in await assurance_svc.published("assurance.alarm.v1")]
    assert types == ["AlarmCreateEvent"] * 3 + ["AlarmAttributeValueChangeEvent"] * 3
    [event, _] = await assurance_svc.published("assurance.ack-alarms.v1")
    assert event.body["event"]["ackAlarms"] == task


async def test_pattern_may_hold_a_number_of_any_size(assurance_svc: Harness) -> None:
    alarm = await raised(assurance_svc, "r1")
    counted = {"octetsLost": 2**70}
    await assurance_svc.client.patch(alarm["href"], json=counted)

    task = await done(assurance_svc, "ackAlarms", **BY, alarmPattern=[counted])

    assert ids(task["ackedAlarm"]) == [alarm["id"]]


async def test_clearing_the_last_alarm_resolves_its_ticket(assurance_svc: Harness) -> None:
    await services_exist(assurance_svc, a_service("s1", "r1"))
    alarm = await raised(assurance_svc, "r1")
    over = "2026-01-31T11:00:00.000Z"

    task = await done(
        assurance_svc,
        "clearAlarms",
        clearUserId="mia",
        clearSystemId="noc",
        alarmClearedTime=over,
        alarmPattern=[{"alarmedObject": {"id": "r1"}}],
    )

    [ticket] = await tickets(assurance_svc)
    cleared = await read(assurance_svc, alarm)
    assert ids(task["clearedAlarm"]) == [alarm["id"]]
    assert (cleared["state"], cleared["alarmClearedTime"]) == ("cleared", over)
    assert (cleared["clearUserId"], cleared["clearSystemId"]) == ("mia", "noc")
    assert ticket["status"] == "resolved"


async def test_comment_is_kept_after_those_there_are(assurance_svc: Harness) -> None:
    alarm = await raised(assurance_svc, "r1", comment=[{"comment": "first"}])

    pattern = [{"id": alarm["id"]}]
    await done(assurance_svc, "commentAlarms", comment={"comment": "second"}, alarmPattern=pattern)

    comments = (await read(assurance_svc, alarm))["comment"]
    assert [one["comment"] for one in comments] == ["first", "second"]
    assert comments[1]["time"].endswith("Z")


async def test_grouped_alarms_name_each_other_until_they_are_ungrouped(
    assurance_svc: Harness,
) -> None:
    parent, one, two = [await raised(assurance_svc, name) for name in ("r1", "r2", "r3")]

    task = await done(assurance_svc, "groupAlarms", **family(parent, one, two))

    assert ids(task["groupedAlarm"]) == [one["id"], two["id"]]
    assert ids((await read(assurance_svc, parent))["correlatedAlarm"]) == [one["id"], two["id"]]
    assert ids((await read(assurance_svc, one))["parentAlarm"]) == [parent["id"]]
    freed = await done(assurance_svc, "unGroupAlarms", **family(parent, one))
    assert ids(freed["unGroupedAlarm"]) == [one["id"]]
    assert ids((await read(assurance_svc, parent))["correlatedAlarm"]) == [two["id"]]
    assert "parentAlarm" not in await read(assurance_svc, one)


async def test_task_that_would_go_wrong_changes_nothing(assurance_svc: Harness) -> None:
    top, middle, low = [await raised(assurance_svc, name) for name in ("r1", "r2", "r3")]
    await done(assurance_svc, "groupAlarms", **family(top, middle))
    await done(assurance_svc, "groupAlarms", **family(middle, low))

    async def refused(task: str, body: dict[str, Any]) -> httpx.Response:
        return await assurance_svc.client.post(f"{BASE}/{task}", json=body)

    loop = await refused("groupAlarms", family(low, top))
    itself = await refused("groupAlarms", family(top, top))
    unknown = await refused("groupAlarms", family(top, low, {"id": "nobody"}))
    every = await refused("ackAlarms", {**BY, "alarmPattern": [{}]})

    assert [one.status_code for one in (loop, itself, unknown, every)] == [409, 409, 404, 400]
    assert ids((await read(assurance_svc, low))["parentAlarm"]) == [middle["id"]]
    assert "parentAlarm" not in await read(assurance_svc, top)
    assert "ackState" not in await read(assurance_svc, top)
