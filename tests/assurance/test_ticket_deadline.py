"""A ticket about what an SLA is in force on: its date, its pauses, its breach."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from assurance_svc.service import SERVICE
from dualbus_events.timers import TimerRunner
from dualbus_kit.clock import timestamp

from tests.assurance.network import QUALITY, TICKETS, a_service, raised, services_exist, tickets
from tests.assurance.test_service_levels import watch
from tests.assurance.test_trouble_ticket import A_TICKET
from tests.harness import Harness, task_messages

BREACH = "TroubleTicketServiceLevelBreachEvent"


async def repair_is_promised(
    harness: Harness, target: str, *, unit: str = "hours", services: Sequence[str] = ("s1",)
) -> None:
    """A specification with a time to repair, in force on the services."""
    objective = {
        "id": "repair",
        "name": "Time to repair",
        "conformanceComparator": "<=",
        "conformanceTarget": target,
        "serviceLevelObjectiveParameter": {"name": "Mean time to repair", "unit": unit},
    }
    specification = {
        "id": "sls-gold",
        "name": "Gold",
        "relatedServiceLevelObjective": [{"id": "availability"}, {"id": "repair"}],
    }
    for path, body in (
        ("serviceLevelObjective", objective),
        ("serviceLevelSpecification", specification),
    ):
        assert (await harness.client.post(f"{QUALITY}/{path}", json=body)).status_code == 201
    await harness.deliver(*task_messages(*(watch(one) for one in services)))
    await harness.forget_published()


async def posted(harness: Harness, *, product: str = "p-s1") -> dict[str, Any]:
    entity = {"id": product, "role": "product", "@referredType": "Product"}
    answer = await harness.client.post(TICKETS, json=A_TICKET | {"relatedEntity": [entity]})
    assert answer.status_code == 201, answer.text
    ticket: dict[str, Any] = answer.json()
    return ticket


async def moved(harness: Harness, ticket: dict[str, Any], *statuses: str) -> dict[str, Any]:
    for status in statuses:
        answer = await harness.client.patch(ticket["href"], json={"status": status})
        assert answer.status_code == 200, answer.text
        ticket = answer.json()
    return ticket


async def fired(harness: Harness) -> None:
    """Fire the tickets' timer, whatever its time: it must look whether it still matters."""
    await harness.database.pool.execute("UPDATE timer SET due_at = now()")
    [timer] = SERVICE.timers
    runner = TimerRunner(harness.database, kind=timer.kind, fire=timer.fire)
    assert await runner.fire_due() == 1


def moment(ticket: dict[str, Any], attribute: str) -> datetime:
    return datetime.fromisoformat(ticket[attribute])


async def test_ticket_is_expected_to_be_resolved_when_the_agreement_says(
    assurance_svc: Harness,
) -> None:
    await repair_is_promised(assurance_svc, "4")

    ticket = await posted(assurance_svc)

    taken = moment(ticket["resolutionClock"], "since")
    assert moment(ticket, "expectedResolutionDate") == taken + timedelta(hours=4)
    assert ticket["resolutionClock"]["target"] == "PT4H"
    assert ticket["resolutionClock"]["serviceLevelObjective"]["id"] == "repair"
    [event] = await assurance_svc.published("assurance.trouble-ticket.v1")
    assert event.body["event"]["troubleTicket"] == ticket


async def test_ticket_about_what_nobody_promised_has_no_clock(assurance_svc: Harness) -> None:
    await repair_is_promised(assurance_svc, "4")

    ticket = await posted(assurance_svc, product="another")

    assert "resolutionClock" not in ticket
    assert "expectedResolutionDate" not in ticket


async def test_alarms_ticket_has_the_clock_of_what_it_hits(assurance_svc: Harness) -> None:
    await repair_is_promised(assurance_svc, "90", unit="minutes", services=["s2"])
    await services_exist(assurance_svc, a_service("s1", "port-1"))
    await raised(assurance_svc, "port-1")
    [before] = await tickets(assurance_svc)
    await services_exist(assurance_svc, a_service("s2", "port-1"))

    await raised(assurance_svc, "port-1")

    [after] = await tickets(assurance_svc)
    assert "resolutionClock" not in before
    assert after["resolutionClock"]["target"] == "PT1H30M"


async def test_product_that_is_named_later_starts_the_clock(assurance_svc: Harness) -> None:
    await repair_is_promised(assurance_svc, "4")
    ticket = await posted(assurance_svc, product="another")
    entity = [{"id": "p-s1", "role": "product", "@referredType": "Product"}]

    answer = await assurance_svc.client.patch(ticket["href"], json={"relatedEntity": entity})

    assert answer.json()["resolutionClock"]["state"] == "running"
    timers = await assurance_svc.database.pool.fetch("SELECT key FROM timer")
    assert [row["key"] for row in timers] == [ticket["id"]]


async def waited(harness: Harness, ticket: dict[str, Any], time: timedelta) -> None:
    """Have the stored clock's last start or stop so long ago."""
    since = moment(ticket["resolutionClock"], "since") - time
    await harness.database.pool.execute(
        "UPDATE trouble_ticket SET body = jsonb_set(body, '{resolutionClock,since}', "
        "to_jsonb($2::text)) WHERE id = $1",
        ticket["id"],
        timestamp(since),
    )


async def test_clock_stands_still_while_the_ticket_waits_for_the_customer(
    assurance_svc: Harness,
) -> None:
    await repair_is_promised(assurance_svc, "4")
    ticket = await moved(assurance_svc, await posted(assurance_svc), "inProgress", "pending")
    await waited(assurance_svc, ticket, timedelta(hours=5))

    await fired(assurance_svc)
    resumed = await moved(assurance_svc, ticket, "inProgress")

    assert await assurance_svc.published(event_type=BREACH) == []
    assert ticket["resolutionClock"]["state"] == "paused"
    assert resumed["resolutionClock"]["elapsed"] == ticket["resolutionClock"]["elapsed"]
    assert moment(resumed, "expectedResolutionDate") >= moment(ticket, "expectedResolutionDate")
    timers = await assurance_svc.database.pool.fetch("SELECT due_at > now() AS ahead FROM timer")
    assert [row["ahead"] for row in timers] == [True]


async def test_clock_that_goes_on_after_a_wait_runs_out(assurance_svc: Harness) -> None:
    await repair_is_promised(assurance_svc, "4")
    ticket = await moved(assurance_svc, await posted(assurance_svc), "inProgress", "held")
    ticket = await moved(assurance_svc, ticket, "inProgress")
    await waited(assurance_svc, ticket, timedelta(hours=4))

    await fired(assurance_svc)

    assert len(await assurance_svc.published(event_type=BREACH)) == 1


async def test_timer_that_fires_too_early_is_set_anew(assurance_svc: Harness) -> None:
    await repair_is_promised(assurance_svc, "4")
    await posted(assurance_svc)

    await fired(assurance_svc)

    assert await assurance_svc.published(event_type=BREACH) == []
    timers = await assurance_svc.database.pool.fetch("SELECT due_at > now() AS ahead FROM timer")
    assert [row["ahead"] for row in timers] == [True]


async def test_breach_is_marked_and_published_once(assurance_svc: Harness) -> None:
    await repair_is_promised(assurance_svc, "0.001", unit="seconds")
    ticket = await posted(assurance_svc)
    await asyncio.sleep(0.002)

    await fired(assurance_svc)
    closed = await moved(assurance_svc, ticket, "inProgress", "pending", "inProgress", "resolved")

    [event] = await assurance_svc.published(event_type=BREACH)
    marked = event.body["event"]["troubleTicket"]
    assert marked["resolutionClock"]["breachedAt"] == ticket["expectedResolutionDate"]
    assert "Gold" in marked["note"][-1]["text"]
    assert event.headers["ce_customerid"] == "c1"
    assert closed["resolutionClock"]["breachedAt"] == ticket["expectedResolutionDate"]
    assert closed["resolutionClock"]["state"] == "stopped"


async def test_ticket_resolved_too_late_is_a_breach_before_any_timer_fires(
    assurance_svc: Harness,
) -> None:
    await repair_is_promised(assurance_svc, "0.001", unit="seconds")
    ticket = await posted(assurance_svc)
    await asyncio.sleep(0.002)

    resolved = await moved(assurance_svc, ticket, "inProgress", "resolved")
    await fired(assurance_svc)

    assert resolved["resolutionClock"]["breachedAt"] == ticket["expectedResolutionDate"]
    assert len(await assurance_svc.published(event_type=BREACH)) == 1


async def test_breach_in_time_of_a_deleted_ticket_is_nobodys(assurance_svc: Harness) -> None:
    await repair_is_promised(assurance_svc, "0.001", unit="seconds")
    ticket = await posted(assurance_svc)
    await assurance_svc.client.delete(ticket["href"])

    await fired(assurance_svc)

    assert await assurance_svc.published(event_type=BREACH) == []


async def test_date_that_follows_from_the_agreement_can_not_be_patched(
    assurance_svc: Harness,
) -> None:
    await repair_is_promised(assurance_svc, "4")
    ticket = await posted(assurance_svc)
    patch = {"expectedResolutionDate": "2030-01-01T00:00:00.000Z"}

    answer = await assurance_svc.client.patch(ticket["href"], json=patch)

    assert (answer.status_code, answer.json()["code"]) == (409, "resolutionDatePromised")


async def test_breached_tickets_are_found_by_their_mark(assurance_svc: Harness) -> None:
    await repair_is_promised(assurance_svc, "0.001", unit="seconds")
    late, fine = await posted(assurance_svc), await posted(assurance_svc, product="another")
    await asyncio.sleep(0.002)
    await fired(assurance_svc)

    found = await assurance_svc.client.get(
        TICKETS, params={"resolutionClock.breachedAt.gt": "2026-01-01T00:00:00.000Z"}
    )

    assert [one["id"] for one in found.json()] == [late["id"]]
    assert fine["id"] not in found.text
