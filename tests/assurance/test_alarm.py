"""TMF642: what an alarm hits, and the one ticket it leads to."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from assurance_svc.service_resource.handlers import UnreadableService
from dualbus_events.contract.provisioning import ServiceDeleteEvent

from tests.assurance.network import (
    ALARMS,
    SERVICE_FACTS,
    a_service,
    an_alarm,
    ids_in_role,
    raised,
    service_fact,
    services_exist,
    tickets,
)
from tests.harness import Harness


async def test_alarm_hits_the_service_and_its_customer(assurance_svc: Harness) -> None:
    await services_exist(assurance_svc, a_service("s1", "r1", "r2"), a_service("s2", "r3"))

    alarm = await raised(assurance_svc, "r2", perceivedSeverity="critical")

    [ticket] = await tickets(assurance_svc)
    assert [one["id"] for one in alarm["affectedService"]] == ["s1"]
    assert alarm["serviceAffecting"] is True
    assert ids_in_role(alarm["relatedParty"], "customer") == ["c1"]
    assert alarm["troubleTicket"]["id"] == ticket["id"]
    assert (ticket["status"], ticket["severity"]) == ("acknowledged", "Critical")
    assert (ticket["priority"], ticket["ticketType"]) == ("Medium", "networkIncident")
    assert ids_in_role(ticket["relatedParty"], "customer") == ["c1"]
    assert ids_in_role(ticket["relatedEntity"], "affectedService") == ["s1"]
    assert ids_in_role(ticket["relatedEntity"], "product") == ["p-s1"]
    assert ids_in_role(ticket["relatedEntity"], "alarm") == [alarm["id"]]
    assert ids_in_role(ticket["relatedEntity"], "alarmedResource") == ["r2"]
    assert [one["status"] for one in ticket["statusChange"]] == ["acknowledged"]


async def test_one_ticket_for_many_customers_names_them_all(assurance_svc: Harness) -> None:
    services = [a_service(f"s{n}", "exchange", customer=f"c{n % 3}") for n in range(6)]
    await services_exist(assurance_svc, *services)

    await raised(assurance_svc, "exchange")

    [ticket] = await tickets(assurance_svc)
    [event] = await assurance_svc.published("assurance.trouble-ticket.v1")
    assert ids_in_role(ticket["relatedParty"], "customer") == ["c0", "c1", "c2"]
    assert "ce_customerid" not in event.headers


async def test_facts_of_one_customer_carry_the_customer_in_their_header(
    assurance_svc: Harness,
) -> None:
    await services_exist(assurance_svc, a_service("s1", "r1"))

    await raised(assurance_svc, "r1")

    published = await assurance_svc.published()
    assert {p.headers["ce_customerid"] for p in published} == {"c1"}
    assert {p.type for p in published} == {"AlarmCreateEvent", "TroubleTicketCreateEvent"}


async def test_second_alarm_joins_the_open_ticket(assurance_svc: Harness) -> None:
    await services_exist(assurance_svc, a_service("s1", "r1"))
    first = await raised(assurance_svc, "r1", perceivedSeverity="minor")
    await services_exist(assurance_svc, a_service("s2", "r1", customer="c2"))

    second = await raised(assurance_svc, "r1", perceivedSeverity="critical")

    [ticket] = await tickets(assurance_svc)
    assert ids_in_role(ticket["relatedEntity"], "alarm") == [first["id"], second["id"]]
    assert ids_in_role(ticket["relatedEntity"], "alarmedResource") == ["r1"]
    assert ids_in_role(ticket["relatedEntity"], "affectedService") == ["s1", "s2"]
    assert ids_in_role(ticket["relatedParty"], "customer") == ["c1", "c2"]
    assert ticket["severity"] == "Critical"
    assert second["id"] in ticket["note"][0]["text"]
    [_, event] = await assurance_svc.published("assurance.trouble-ticket.v1")
    assert event.type == "TroubleTicketAttributeValueChangeEvent"


async def test_alarms_raised_at_once_open_one_ticket(assurance_svc: Harness) -> None:
    await services_exist(assurance_svc, a_service("s1", "r1"))

    await asyncio.gather(*(raised(assurance_svc, "r1") for _ in range(12)))

    [ticket] = await tickets(assurance_svc)
    assert len(ids_in_role(ticket["relatedEntity"], "alarm")) == 12


async def test_alarm_on_a_resource_nobody_uses_opens_no_ticket(assurance_svc: Harness) -> None:
    alarm = await raised(assurance_svc, "spare")

    assert alarm["serviceAffecting"] is False
    assert "affectedService" not in alarm
    assert await tickets(assurance_svc) == []
    assert (await assurance_svc.client.patch(alarm["href"], json={"state": "cleared"})).is_success


async def test_terminated_and_deleted_services_are_not_hit(assurance_svc: Harness) -> None:
    await services_exist(assurance_svc, a_service("s1", "r1"), a_service("s2", "r1"))
    gone = [
        service_fact(a_service("s1", "r1", state="terminated"), version=2),
        service_fact(a_service("s2", "r1"), version=2, event_type=ServiceDeleteEvent),
    ]
    await assurance_svc.deliver(*gone, consumer=SERVICE_FACTS)

    alarm = await raised(assurance_svc, "r1")

    assert alarm["serviceAffecting"] is False


async def test_late_fact_does_not_bring_an_old_state_back(assurance_svc: Harness) -> None:
    old = service_fact(a_service("s1", "r1"), version=1)
    new = service_fact(a_service("s1", "r2"), version=2)
    await assurance_svc.deliver(new, old, consumer=SERVICE_FACTS)
    await assurance_svc.deliver(old, old, consumer=SERVICE_FACTS)

    hits = [await raised(assurance_svc, "r1"), await raised(assurance_svc, "r2")]

    assert [alarm["serviceAffecting"] for alarm in hits] == [False, True]


async def test_ticket_is_resolved_with_its_last_alarm_and_not_before(
    assurance_svc: Harness,
) -> None:
    await services_exist(assurance_svc, a_service("s1", "r1"))
    first, second = await raised(assurance_svc, "r1"), await raised(assurance_svc, "r1")

    cleared = await assurance_svc.client.patch(first["href"], json={"state": "cleared"})
    [between] = await tickets(assurance_svc)
    await assurance_svc.client.patch(second["href"], json={"perceivedSeverity": "cleared"})

    [after] = await tickets(assurance_svc)
    assert cleared.json()["alarmClearedTime"]
    assert cleared.json()["alarmChangedTime"]
    assert between["status"] == "acknowledged"
    assert first["id"] in between["note"][-1]["text"]
    assert after["status"] == "resolved"
    assert after["resolutionDate"]
    assert [one["status"] for one in after["statusChange"]] == [
        "acknowledged",
        "inProgress",
        "resolved",
    ]
    events = await assurance_svc.published("assurance.alarm.v1")
    assert [e.type for e in events][2:] == ["AlarmStateChangeEvent"] * 2


async def test_new_alarm_after_the_ticket_is_resolved_opens_another(
    assurance_svc: Harness,
) -> None:
    await services_exist(assurance_svc, a_service("s1", "r1"))
    first = await raised(assurance_svc, "r1")
    await assurance_svc.client.patch(first["href"], json={"state": "cleared"})

    await raised(assurance_svc, "r1")

    assert sorted(t["status"] for t in await tickets(assurance_svc)) == [
        "acknowledged",
        "resolved",
    ]


async def test_clearing_leaves_a_closed_ticket_alone(assurance_svc: Harness) -> None:
    await services_exist(assurance_svc, a_service("s1", "r1"))
    alarm = await raised(assurance_svc, "r1")
    [ticket] = await tickets(assurance_svc)
    await assurance_svc.client.patch(ticket["href"], json={"status": "cancelled"})

    await assurance_svc.client.patch(alarm["href"], json={"state": "cleared"})

    [after] = await tickets(assurance_svc)
    assert after["status"] == "cancelled"
    assert "note" not in after


async def test_repeated_post_with_a_key_raises_one_alarm(assurance_svc: Harness) -> None:
    await services_exist(assurance_svc, a_service("s1", "r1"))
    headers = {"Idempotency-Key": "k"}

    answers = [
        await assurance_svc.client.post(ALARMS, json=an_alarm("r1"), headers=headers)
        for _ in range(2)
    ]

    assert answers[0].json() == answers[1].json()
    assert len((await assurance_svc.client.get(ALARMS)).json()) == 1


@pytest.mark.parametrize(
    ("patch", "status"),
    [
        ({"probableCause": "powerProblem"}, 200),
        ({"state": "updated"}, 200),
        ({"state": "unheard"}, 409),
        ({"alarmedObject": {"id": "r2"}}, 400),
        ({"affectedService": []}, 400),
    ],
)
async def test_what_may_be_patched(
    assurance_svc: Harness, patch: dict[str, Any], status: int
) -> None:
    alarm = await raised(assurance_svc, "r1")

    answer = await assurance_svc.client.patch(alarm["href"], json=patch)

    assert answer.status_code == status


async def test_cleared_alarm_can_be_deleted_and_not_raised_again(assurance_svc: Harness) -> None:
    alarm = await raised(assurance_svc, "r1")
    early = await assurance_svc.client.delete(alarm["href"])
    await assurance_svc.client.patch(alarm["href"], json={"state": "cleared"})

    again = await assurance_svc.client.patch(alarm["href"], json={"state": "raised"})
    late = await assurance_svc.client.delete(alarm["href"])

    assert (early.status_code, early.json()["code"]) == (409, "alarmStillOpen")
    assert again.status_code == 409
    assert "cleared" in again.json()["detail"]
    assert late.status_code == 204
    assert (await assurance_svc.client.get(alarm["href"])).status_code == 404


async def test_incomplete_alarm_is_refused_by_name(assurance_svc: Harness) -> None:
    body = an_alarm("r1")
    del body["probableCause"]

    answer = await assurance_svc.client.post(ALARMS, json=body)

    assert answer.status_code == 400
    assert "probableCause" in answer.json()["detail"]


async def test_tmf642_alarm_on_nothing_it_names_is_on_the_system_that_reports_it(
    assurance_svc: Harness,
) -> None:
    alarm = await raised(assurance_svc, "any", alarmedObject={"name": "rack 7"})

    assert alarm["alarmedObject"] == {"id": "ems-1", "name": "rack 7"}


async def test_alarms_are_found_by_what_they_are_on(assurance_svc: Harness) -> None:
    await raised(assurance_svc, "r1")
    wanted = await raised(assurance_svc, "r2")

    found = await assurance_svc.client.get(ALARMS, params={"alarmedObject.id": "r2"})

    assert [one["id"] for one in found.json()] == [wanted["id"]]


async def test_unreadable_service_is_refused_by_its_id(assurance_svc: Harness) -> None:
    broken = replace(service_fact(a_service("s1", "r1")), payload=b'{"event": {"service": {}}}')

    with pytest.raises(UnreadableService, match="service s1"):
        await assurance_svc.deliver(broken, consumer=SERVICE_FACTS)


async def test_alarm_that_hits_thousands_is_stored_published_and_says_how_many(
    assurance_svc: Harness,
) -> None:
    number = 1500
    name = "an-identifier-as-long-as-a-uuid-v7"
    services = [a_service(f"{name}-{n}", "core", customer=f"{name}-{n}") for n in range(number)]
    await services_exist(assurance_svc, *services)

    alarm = await raised(assurance_svc, "core")
    await raised(assurance_svc, "core")

    [ticket] = await tickets(assurance_svc)
    assert len(alarm["affectedService"]) == 1000
    assert "1500 service(s) of 1500 customer(s)" in ticket["description"]
    assert len(ids_in_role(ticket["relatedParty"], "customer")) == 1000
    assert len(ids_in_role(ticket["relatedEntity"], "alarm")) == 2
