"""TMF629 and TMF632 over HTTP, on real PostgreSQL."""

import asyncio

import pytest
from customer_svc.service import SERVICE
from dualbus_events.migrations.run import check

from tests.harness import Harness, fresh_database

CUSTOMERS = "/tmf-api/customerManagement/v4/customer"
PARTIES = "/tmf-api/party/v4"
A_CUSTOMER = {"name": "Ada", "engagedParty": {"id": "500"}}


async def test_new_customer_is_active_and_published(customer_svc: Harness) -> None:
    answer = await customer_svc.client.post(
        CUSTOMERS, json={**A_CUSTOMER, "segment": "gold"}, headers={"X-Correlation-Id": "c-1"}
    )

    customer = answer.json()
    [event] = await customer_svc.published("customer.customer.v1")
    assert answer.status_code == 201
    assert customer["status"] == "active"
    assert customer["@type"] == "Customer"
    assert customer["segment"] == "gold"
    assert answer.headers["Location"] == customer["href"]
    assert answer.headers["X-Consistency-Token"] == f"customer:{customer['id']}@1"
    assert (event.type, event.key, event.version) == ("CustomerCreateEvent", customer["id"], 1)
    assert event.headers["ce_customerid"] == customer["id"]
    assert event.body["correlationId"] == "c-1"
    assert event.body["event"]["customer"] == customer
    assert (await customer_svc.client.get(customer["href"])).json() == customer


async def test_customer_without_name_is_refused_by_name(customer_svc: Harness) -> None:
    answer = await customer_svc.client.post(CUSTOMERS, json={"engagedParty": {"id": "1"}})

    assert answer.status_code == 400
    assert "name" in answer.json()["detail"]
    assert await customer_svc.published() == []


async def test_customers_posted_at_once_are_all_stored_with_their_own_cause(
    customer_svc: Harness,
) -> None:
    answers = await asyncio.gather(
        *(
            customer_svc.client.post(
                CUSTOMERS,
                json={**A_CUSTOMER, "id": f"c{n}"},
                headers={"X-Correlation-Id": f"cause-{n}"},
            )
            for n in range(60)
        )
    )

    events = await customer_svc.published("customer.customer.v1")
    assert {a.status_code for a in answers} == {201}
    assert {(e.key, e.body["correlationId"]) for e in events} == {
        (f"c{n}", f"cause-{n}") for n in range(60)
    }


async def test_taken_id_fails_alone_among_many(customer_svc: Harness) -> None:
    bodies = [{**A_CUSTOMER, "id": f"c{n % 20}"} for n in range(21)]

    answers = await asyncio.gather(
        *(customer_svc.client.post(CUSTOMERS, json=body) for body in bodies)
    )

    assert sorted(a.status_code for a in answers) == [201] * 20 + [409]
    assert len(await customer_svc.published()) == 20


async def test_repeated_key_gives_the_first_answer(customer_svc: Harness) -> None:
    headers = {"Idempotency-Key": "k1"}

    answers = await asyncio.gather(
        *(customer_svc.client.post(CUSTOMERS, json=A_CUSTOMER, headers=headers) for _ in range(10))
    )
    again = await customer_svc.client.post(CUSTOMERS, json=A_CUSTOMER, headers=headers)

    assert {a.status_code for a in answers} == {201}
    assert {a.json()["id"] for a in answers} == {again.json()["id"]}
    assert again.headers["Idempotent-Replayed"] == "true"
    assert len(await customer_svc.published()) == 1


async def test_key_with_another_body_is_refused(customer_svc: Harness) -> None:
    headers = {"Idempotency-Key": "k1"}
    await customer_svc.client.post(CUSTOMERS, json=A_CUSTOMER, headers=headers)

    answer = await customer_svc.client.post(
        CUSTOMERS, json={**A_CUSTOMER, "name": "Bob"}, headers=headers
    )

    assert answer.status_code == 409
    assert answer.json()["code"] == "idempotencyKeyReused"


async def test_suspending_is_a_state_change_and_renaming_is_not(customer_svc: Harness) -> None:
    href = (await customer_svc.client.post(CUSTOMERS, json=A_CUSTOMER)).json()["href"]

    renamed = await customer_svc.client.patch(href, json={"name": "Ada L."})
    suspended = await customer_svc.client.patch(href, json={"status": "suspended"})

    events = await customer_svc.published("customer.customer.v1")
    assert (renamed.json()["name"], suspended.json()["status"]) == ("Ada L.", "suspended")
    assert [(e.type, e.version) for e in events] == [
        ("CustomerCreateEvent", 1),
        ("CustomerAttributeValueChangeEvent", 2),
        ("CustomerStateChangeEvent", 3),
    ]


async def test_forbidden_status_names_both_states(customer_svc: Harness) -> None:
    href = (await customer_svc.client.post(CUSTOMERS, json=A_CUSTOMER)).json()["href"]

    answer = await customer_svc.client.patch(href, json={"status": "prospective"})

    assert answer.status_code == 409
    assert "active" in answer.json()["detail"]
    assert "prospective" in answer.json()["detail"]


async def test_customers_are_found_by_engaged_party(customer_svc: Harness) -> None:
    await customer_svc.client.post(CUSTOMERS, json=A_CUSTOMER)
    await customer_svc.client.post(CUSTOMERS, json={"name": "Bob", "engagedParty": {"id": "501"}})

    answer = await customer_svc.client.get(CUSTOMERS, params={"engagedParty.id": "501"})

    assert [customer["name"] for customer in answer.json()] == ["Bob"]


async def test_deleted_customer_is_gone(customer_svc: Harness) -> None:
    href = (await customer_svc.client.post(CUSTOMERS, json=A_CUSTOMER)).json()["href"]

    deleted = await customer_svc.client.delete(href)

    assert (deleted.status_code, deleted.content) == (204, b"")
    assert (await customer_svc.client.get(href)).status_code == 404
    assert (await customer_svc.published())[-1].type == "CustomerDeleteEvent"


@pytest.mark.parametrize(
    ("resource", "body"),
    [
        ("individual", {"givenName": "Ada", "familyName": "Lovelace"}),
        ("organization", {"tradingName": "Analytical Engines"}),
    ],
)
async def test_party_lives_and_dies(
    customer_svc: Harness, resource: str, body: dict[str, str]
) -> None:
    created = await customer_svc.client.post(f"{PARTIES}/{resource}", json=body)
    href = created.json()["href"]
    patched = await customer_svc.client.patch(href, json={"status": "validated"})
    empty = await customer_svc.client.post(f"{PARTIES}/{resource}", json={})
    deleted = await customer_svc.client.delete(href)

    name = resource.capitalize()
    assert (created.status_code, patched.status_code) == (201, 200)
    assert empty.status_code == 400
    assert deleted.status_code == 204
    assert [e.type for e in await customer_svc.published()] == [
        f"{name}CreateEvent",
        f"{name}AttributeValueChangeEvent",
        f"{name}DeleteEvent",
    ]


async def test_customer_tables_are_what_the_migrations_make(postgres_dsn: str) -> None:
    dsn = await fresh_database(postgres_dsn, SERVICE)

    await asyncio.to_thread(check, dsn, SERVICE.migrations, SERVICE.metadata)
