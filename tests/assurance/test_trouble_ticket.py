"""TMF621: tickets from any channel, and the moves they may make."""

import asyncio

from assurance_svc.service import SERVICE
from assurance_svc.trouble_ticket.severity import graver, severity_of
from dualbus_events.migrations.run import check

from tests.assurance.network import TICKETS
from tests.harness import Harness, fresh_database

A_TICKET = {
    "description": "No dial tone",
    "severity": "Major",
    "ticketType": "complaint",
    "channel": {"id": "callCentre"},
    "relatedParty": [
        {"id": "agent-7", "role": "handler"},
        {"id": "c1", "role": "customer", "@referredType": "Customer"},
    ],
    "relatedEntity": [{"id": "p1", "role": "product", "@referredType": "Product"}],
}


async def test_ticket_from_a_channel_is_acknowledged_and_published(
    assurance_svc: Harness,
) -> None:
    answer = await assurance_svc.client.post(TICKETS, json={**A_TICKET, "mood": "angry"})

    ticket = answer.json()
    [event] = await assurance_svc.published()
    assert answer.status_code == 201
    assert ticket["status"] == "acknowledged"
    assert ticket["creationDate"].endswith("Z")
    assert ticket["mood"] == "angry"
    assert event.type == "TroubleTicketCreateEvent"
    assert event.headers["ce_customerid"] == "c1"
    assert event.body["event"]["troubleTicket"] == ticket


async def test_ticket_goes_its_way_and_remembers_it(assurance_svc: Harness) -> None:
    href = (await assurance_svc.client.post(TICKETS, json=A_TICKET)).json()["href"]

    for status in ("inProgress", "pending", "inProgress", "resolved", "inProgress"):
        answer = await assurance_svc.client.patch(href, json={"status": status})
        assert answer.status_code == 200

    ticket = answer.json()
    events = await assurance_svc.published("assurance.trouble-ticket.v1")
    assert "resolutionDate" not in ticket
    assert [one["status"] for one in ticket["statusChange"]] == [
        "acknowledged",
        "inProgress",
        "pending",
        "inProgress",
        "resolved",
        "inProgress",
    ]
    assert [e.type.removeprefix("TroubleTicket") for e in events] == [
        "CreateEvent",
        *["StatusChangeEvent"] * 4,
        "ResolvedEvent",
        "StatusChangeEvent",
    ]
    assert [e.version for e in events] == [1, 2, 3, 4, 5, 6, 7]


async def test_what_only_the_server_sets_can_not_be_brought(assurance_svc: Harness) -> None:
    clock = {
        "state": "stopped",
        "target": "PT4H",
        "elapsed": "PT0S",
        "since": "2026-01-31T09:30:00Z",
        "serviceLevelAgreement": {"id": "1"},
        "serviceLevelObjective": {"id": "1"},
    }
    brought = {"statusChange": [{"status": "closed"}], "resolutionClock": clock}

    ticket = (await assurance_svc.client.post(TICKETS, json=A_TICKET | brought)).json()

    assert [one["status"] for one in ticket["statusChange"]] == ["acknowledged"]
    assert "resolutionClock" not in ticket


async def test_reason_of_a_move_is_kept_with_it(assurance_svc: Harness) -> None:
    href = (await assurance_svc.client.post(TICKETS, json=A_TICKET)).json()["href"]
    patch = {"status": "rejected", "statusChangeReason": "Not our line"}

    ticket = (await assurance_svc.client.patch(href, json=patch)).json()

    assert ticket["statusChange"][-1]["changeReason"] == "Not our line"


async def test_forbidden_move_names_both_statuses_and_changes_nothing(
    assurance_svc: Harness,
) -> None:
    href = (await assurance_svc.client.post(TICKETS, json=A_TICKET)).json()["href"]

    answer = await assurance_svc.client.patch(href, json={"status": "closed"})

    assert answer.status_code == 409
    assert "from acknowledged to closed" in answer.json()["detail"]
    assert (await assurance_svc.client.get(href)).json()["status"] == "acknowledged"


async def test_ticket_without_its_required_attributes_is_refused(assurance_svc: Harness) -> None:
    answer = await assurance_svc.client.post(TICKETS, json={"description": "?"})

    assert answer.status_code == 400
    assert "severity" in answer.json()["detail"]
    assert await assurance_svc.published() == []


async def test_ticket_is_found_by_its_customer(assurance_svc: Harness) -> None:
    await assurance_svc.client.post(TICKETS, json=A_TICKET)
    other = [{"id": "c2", "role": "customer"}]
    await assurance_svc.client.post(TICKETS, json={**A_TICKET, "relatedParty": other})

    found = await assurance_svc.client.get(TICKETS, params={"relatedParty.id": "c2"})

    assert [one["relatedParty"][0]["id"] for one in found.json()] == ["c2"]


async def test_creation_date_is_not_patchable_and_deleted_is_gone(
    assurance_svc: Harness,
) -> None:
    href = (await assurance_svc.client.post(TICKETS, json=A_TICKET)).json()["href"]
    patch = {"creationDate": "2020-01-01T00:00:00Z"}

    refused = await assurance_svc.client.patch(href, json=patch)
    deleted = await assurance_svc.client.delete(href)

    assert refused.status_code == 400
    assert deleted.status_code == 204
    assert (await assurance_svc.client.get(href)).status_code == 404


async def test_stale_version_is_refused(assurance_svc: Harness) -> None:
    href = (await assurance_svc.client.post(TICKETS, json=A_TICKET)).json()["href"]

    answer = await assurance_svc.client.patch(
        href, json={"name": "Silent line"}, headers={"If-Match": '"7"'}
    )

    assert answer.status_code == 412


def test_severity_only_ever_rises() -> None:
    assert severity_of("CRITICAL") == "Critical"
    assert severity_of("warning") == "Minor"
    assert graver("Major", "Minor") == "Major"
    assert graver("Minor", "Critical") == "Critical"
    assert graver("Apocalyptic", "Critical") == "Apocalyptic"


async def test_assurance_tables_are_what_the_migrations_make(postgres_dsn: str) -> None:
    dsn = await fresh_database(postgres_dsn, SERVICE)

    await asyncio.to_thread(check, dsn, SERVICE.migrations, SERVICE.metadata)
