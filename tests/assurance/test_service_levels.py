"""Tasks that put agreements on services and end them: refusals, redelivery, undo."""

from typing import Any

from dualbus_events.tasks import Task

from tests.assurance.network import QUALITY, a_service, ids_in_role, raised, services_exist, tickets
from tests.harness import Harness, a_task, replies_in, task_messages

AGREEMENTS = f"{QUALITY}/serviceLevelAgreement"
GOLD, SILVER = "sls-gold", "sls-silver"
ACTIVATED, CEASED = "2026-01-31T09:30:00.000Z", "2026-03-01T00:00:00.000Z"


def watch(service: str = "s1", *, sla: str | None = GOLD, **changes: Any) -> Task:
    """The task as order-svc sends it for one item."""
    offering = {"id": "o1", "name": "Leased line"}
    payload = {
        "productOrder": {"id": "order"},
        "customerId": "c1",
        "relatedParty": [{"id": "shop", "role": "seller"}, {"id": "c1", "role": "customer"}],
        "item": {"id": "1", "action": "add", "product": {"id": f"p-{service}"}},
        "productOffering": offering | ({"serviceLevelAgreement": {"id": sla}} if sla else {}),
        "results": {
            "provisioning.activate": {
                "service": {"id": service, "href": f"http://p/{service}", "name": "Line"},
                "resource": [{"id": "r1", "name": "port", "value": "7", "category": "port"}],
                "activatedAt": ACTIVATED,
            }
        },
    }
    return a_task("assurance.watch", payload, **changes)


def unwatch(service: str = "s1", **changes: Any) -> Task:
    payload = {
        "customerId": "c1",
        "item": {"id": "1", "action": "delete", "product": {"id": f"p-{service}"}},
        "results": {"provisioning.cease": {"service": {"id": service}, "ceasedAt": CEASED}},
    }
    return a_task("assurance.unwatch", payload, **changes)


def undo(task: Task, *, result: dict[str, Any] | None = None) -> Task:
    payload = {**task.payload, "undoes": task.task_id, "result": result or {}}
    return a_task(f"{task.type}.undo", payload, process_id=task.process_id)


async def gold_exists(harness: Harness, *specification_ids: str) -> None:
    for one in specification_ids or (GOLD,):
        body = {"id": one, "name": f"Level {one}", "relatedServiceLevelObjective": []}
        answer = await harness.client.post(f"{QUALITY}/serviceLevelSpecification", json=body)
        assert answer.status_code == 201


async def done(harness: Harness, task: Task) -> dict[str, Any]:
    """The reply to the task, delivered alone."""
    await harness.deliver(*task_messages(task))
    return replies_in(await harness.published())[task.task_id]


async def agreements(harness: Harness) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await harness.client.get(AGREEMENTS)).json()
    return found


async def test_offering_with_a_promise_puts_it_on_the_service(assurance_svc: Harness) -> None:
    await gold_exists(assurance_svc)
    task = watch()

    reply = await done(assurance_svc, task)

    [agreement] = await agreements(assurance_svc)
    [event] = await assurance_svc.published("assurance.service-level-agreement.v1")
    assert reply["result"] == {"serviceLevelAgreement": {"id": agreement["id"]}}
    assert (agreement["name"], agreement["state"]) == ("Level sls-gold", "active")
    assert agreement["service"]["id"] == "s1"
    assert agreement["product"]["id"] == "p-s1"
    assert agreement["serviceLevelSpecification"]["id"] == GOLD
    assert agreement["agreementPeriod"] == {"startDateTime": ACTIVATED}
    assert [one["id"] for one in agreement["supportingResource"]] == ["r1"]
    assert [one["id"] for one in agreement["relatedParty"]] == ["c1"]
    assert agreement["productOrder"]["id"] == task.process_id
    assert event.headers["ce_customerid"] == "c1"
    assert event.headers["ce_correlationid"] == task.cause.correlation_id
    assert (await assurance_svc.client.get(agreement["href"])).json() == agreement


async def test_each_task_of_a_batch_gets_its_own_answer(assurance_svc: Harness) -> None:
    await gold_exists(assurance_svc)
    nothing = watch("s2", sla=None)
    unknown = watch("s3", sla="no-such-level")
    no_service = a_task("assurance.watch", {**watch().payload, "results": {}})
    good = watch("s1")

    await assurance_svc.deliver(*task_messages(nothing, unknown, no_service, good))

    replies = replies_in(await assurance_svc.published())
    assert replies[nothing.task_id]["result"] == {"serviceLevelAgreement": None}
    assert replies[unknown.task_id]["error"]["code"] == "serviceLevelSpecificationUnknown"
    assert replies[unknown.task_id]["outcome"] == "rejected"
    assert replies[no_service.task_id]["error"]["code"] == "serviceUnknown"
    assert replies[good.task_id]["outcome"] == "done"
    assert len(await agreements(assurance_svc)) == 1


async def test_redelivered_and_repeated_watch_puts_one_agreement(assurance_svc: Harness) -> None:
    await gold_exists(assurance_svc)
    task = watch()
    messages = task_messages(task)
    await assurance_svc.deliver(*messages)
    await assurance_svc.deliver(*messages)

    resent = await done(assurance_svc, task)
    repeated = await done(assurance_svc, watch(process_id=task.process_id))
    twice = [watch("s9"), watch("s9")]
    await assurance_svc.deliver(*task_messages(*twice))

    assert resent["result"] == repeated["result"]
    assert len(await agreements(assurance_svc)) == 2


async def test_another_promise_replaces_the_first_and_its_undo_brings_it_back(
    assurance_svc: Harness,
) -> None:
    await gold_exists(assurance_svc, GOLD, SILVER)
    await done(assurance_svc, watch(sla=SILVER))
    upgrade = watch(sla=GOLD)
    await done(assurance_svc, upgrade)
    upgraded = {a["name"]: a["state"] for a in await agreements(assurance_svc)}

    await done(assurance_svc, undo(upgrade))
    again = await done(assurance_svc, undo(upgrade))

    assert upgraded == {"Level sls-silver": "terminated", "Level sls-gold": "active"}
    assert {a["name"]: a["state"] for a in await agreements(assurance_svc)} == {
        "Level sls-silver": "active",
        "Level sls-gold": "terminated",
    }
    assert again["outcome"] == "done"


async def test_undo_ends_what_the_order_put_and_nothing_else(assurance_svc: Harness) -> None:
    await gold_exists(assurance_svc)
    task = watch("s1")
    await done(assurance_svc, task)
    await done(assurance_svc, watch("s2"))
    of_another_order = undo(watch("s2"))

    replies = [
        await done(assurance_svc, undo(task)),
        await done(assurance_svc, undo(task)),
        await done(assurance_svc, of_another_order),
    ]

    assert {r["outcome"] for r in replies} == {"done"}
    states = {a["service"]["id"]: a["state"] for a in await agreements(assurance_svc)}
    assert states == {"s1": "terminated", "s2": "active"}


async def test_undo_of_a_watch_that_never_came_or_failed_is_done(assurance_svc: Harness) -> None:
    never, failed = watch("s1"), watch("s2", sla="no-such-level")
    await done(assurance_svc, failed)

    replies = [
        await done(assurance_svc, undo(never)),
        await done(assurance_svc, undo(failed)),
    ]

    assert [r["outcome"] for r in replies] == ["done", "done"]
    assert await agreements(assurance_svc) == []


async def test_watch_and_its_undo_in_one_batch_leave_nothing_in_force(
    assurance_svc: Harness,
) -> None:
    await gold_exists(assurance_svc)
    task = watch()

    await assurance_svc.deliver(*task_messages(task, undo(task)))

    [agreement] = await agreements(assurance_svc)
    assert agreement["state"] == "terminated"


async def test_unwatch_ends_the_agreement_when_the_service_ceased(assurance_svc: Harness) -> None:
    await gold_exists(assurance_svc)
    await done(assurance_svc, watch("s1"))
    await done(assurance_svc, watch("s2"))

    reply = await done(assurance_svc, unwatch("s1"))

    by_service = {a["service"]["id"]: a for a in await agreements(assurance_svc)}
    assert reply["result"]["serviceLevelAgreement"]["id"] == by_service["s1"]["id"]
    assert by_service["s1"]["agreementPeriod"] == {
        "startDateTime": ACTIVATED,
        "endDateTime": CEASED,
    }
    assert by_service["s2"]["state"] == "active"


async def test_unwatch_of_what_was_never_promised_is_done_with_null(
    assurance_svc: Harness,
) -> None:
    reply = await done(assurance_svc, unwatch("s1"))

    assert reply["outcome"] == "done"
    assert reply["result"] == {"serviceLevelAgreement": None}


async def test_undone_unwatch_puts_the_agreement_back(assurance_svc: Harness) -> None:
    await gold_exists(assurance_svc)
    await done(assurance_svc, watch("s1"))
    task = unwatch("s1")
    await done(assurance_svc, task)

    reply = await done(assurance_svc, undo(task))

    [agreement] = await agreements(assurance_svc)
    assert reply["outcome"] == "done"
    assert agreement["state"] == "active"
    assert agreement["agreementPeriod"] == {"startDateTime": ACTIVATED}


async def test_what_was_promised_makes_the_ticket_urgent(assurance_svc: Harness) -> None:
    await gold_exists(assurance_svc)
    reply = await done(assurance_svc, watch("s1"))
    await services_exist(assurance_svc, a_service("s1", "r1"))

    await raised(assurance_svc, "r1")

    [ticket] = await tickets(assurance_svc)
    agreement = reply["result"]["serviceLevelAgreement"]["id"]
    assert ticket["priority"] == "High"
    assert ids_in_role(ticket["relatedEntity"], "serviceLevelAgreement") == [agreement]


async def test_objective_needs_its_target(assurance_svc: Harness) -> None:
    path = f"{QUALITY}/serviceLevelObjective"
    body = {
        "conformanceTarget": "32",
        "conformanceComparator": "equal",
        "serviceLevelObjectiveParameter": {"name": "loss"},
    }

    created = await assurance_svc.client.post(path, json=body)
    found = await assurance_svc.client.get(path, params={"conformanceTarget": '"32"'})
    refused = await assurance_svc.client.post(path, json={"conformanceTarget": "32"})

    assert created.status_code == 201
    assert [one["id"] for one in found.json()] == [created.json()["id"]]
    assert refused.status_code == 400


async def test_agreements_are_only_read(assurance_svc: Harness) -> None:
    answer = await assurance_svc.client.post(AGREEMENTS, json={"name": "mine"})

    assert answer.status_code == 405
