"""TMF666 and TMF678 over HTTP: creation, moves that are refused, who may be deleted."""

import asyncio

import pytest
from billing_svc.service import SERVICE
from dualbus_events.migrations.run import check

from tests.billing.bill_charges import BILLS, RATES, bill, bills_of, charge
from tests.billing.billing_tasks import a_customer, a_price, a_stop_task
from tests.harness import Harness, fresh_database, task_messages

ACCOUNTS = "/tmf-api/accountManagement/v4/billingAccount"
A_PARTY = {"id": "42", "@referredType": "Organization"}


async def _an_account(billing: Harness, customer_id: str = "customer-1") -> str:
    body = {"name": "Family", "relatedParty": [a_customer(customer_id)]}
    account_id: str = (await billing.client.post(ACCOUNTS, json=body)).json()["id"]
    return account_id


async def test_minimal_account_is_created_open(billing: Harness) -> None:
    body = {"name": "Family", "relatedParty": [A_PARTY], "branch": "north"}

    answer = await billing.client.post(ACCOUNTS, json=body)

    account = answer.json()
    assert answer.status_code == 201
    assert answer.headers["Location"] == account["href"]
    assert answer.headers["X-Consistency-Token"] == f"billingAccount:{account['id']}@1"
    assert account.items() >= {**body, "state": "active", "@type": "BillingAccount"}.items()
    assert (await billing.client.get(account["href"])).json() == account


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"name": "Family"}, "relatedParty"),
        ({"relatedParty": [A_PARTY]}, "name"),
        ({"name": 7, "relatedParty": [A_PARTY]}, "name"),
        ({"name": "Family", "relatedParty": [{}]}, "relatedParty.0.id"),
    ],
)
async def test_account_without_what_it_needs_is_refused(
    billing: Harness, body: dict[str, object], said: str
) -> None:
    answer = await billing.client.post(ACCOUNTS, json=body)

    assert answer.status_code == 400
    assert said in answer.json()["detail"]
    assert await billing.published() == []


async def test_same_idempotency_key_opens_one_account(billing: Harness) -> None:
    body = {"name": "Family", "relatedParty": [A_PARTY]}
    key = {"Idempotency-Key": "k-1"}

    first = await billing.client.post(ACCOUNTS, json=body, headers=key)
    again = await billing.client.post(ACCOUNTS, json=body, headers=key)
    other = await billing.client.post(ACCOUNTS, json={**body, "name": "Firm"}, headers=key)

    assert first.json() == again.json()
    assert other.status_code == 409
    assert len((await billing.client.get(ACCOUNTS)).json()) == 1


async def test_account_is_found_by_any_of_its_parties(billing: Harness) -> None:
    parties = [A_PARTY, a_customer("customer-1")]
    await billing.client.post(ACCOUNTS, json={"name": "Firm", "relatedParty": parties})

    for party in ("42", "customer-1"):
        found = await billing.client.get(ACCOUNTS, params={"relatedParty.id": party})
        assert len(found.json()) == 1


async def test_account_is_renamed_and_closed(billing: Harness) -> None:
    account_id = await _an_account(billing)

    renamed = await billing.client.patch(f"{ACCOUNTS}/{account_id}", json={"name": "Firm"})
    closed = await billing.client.patch(f"{ACCOUNTS}/{account_id}", json={"state": "closed"})
    opened = await billing.client.patch(f"{ACCOUNTS}/{account_id}", json={"state": "active"})

    assert renamed.json()["name"] == "Firm"
    assert closed.json()["state"] == "closed"
    assert opened.status_code == 409
    assert "closed" in opened.json()["detail"]
    assert "active" in opened.json()["detail"]
    assert [event.type for event in await billing.published()] == [
        "BillingAccountCreateEvent",
        "BillingAccountAttributeValueChangeEvent",
        "BillingAccountStateChangeEvent",
    ]


async def test_attributes_of_the_server_can_not_be_patched(billing: Harness) -> None:
    account_id = await _an_account(billing)

    for patch in ({"id": "1"}, {"href": "x"}, {"lastModified": "2026-01-01T00:00:00Z"}):
        answer = await billing.client.patch(f"{ACCOUNTS}/{account_id}", json=patch)

        assert answer.status_code == 400
        assert next(iter(patch)) in answer.json()["detail"]


async def test_account_with_running_charges_is_neither_closed_nor_deleted(
    billing: Harness,
) -> None:
    account_id = await charge(billing, "customer-1", a_price(10), product_id="product-1")

    closed = await billing.client.patch(f"{ACCOUNTS}/{account_id}", json={"state": "closed"})
    deleted = await billing.client.delete(f"{ACCOUNTS}/{account_id}")

    assert closed.status_code == deleted.status_code == 409
    assert closed.json()["code"] == deleted.json()["code"] == "billingAccountInUse"
    await billing.deliver(*task_messages(a_stop_task("product-1", "2026-03-01T00:00:00.000Z")))
    closed = await billing.client.patch(f"{ACCOUNTS}/{account_id}", json={"state": "closed"})
    assert closed.status_code == 200


async def test_unused_account_is_deleted(billing: Harness) -> None:
    account_id = await _an_account(billing)

    deleted = await billing.client.delete(f"{ACCOUNTS}/{account_id}")

    assert (deleted.status_code, deleted.content) == (204, b"")
    assert (await billing.client.get(f"{ACCOUNTS}/{account_id}")).status_code == 404


async def test_closed_account_still_gets_its_last_bill(billing: Harness) -> None:
    account_id = await charge(billing, "customer-1", a_price(31), product_id="product-1")
    await billing.deliver(*task_messages(a_stop_task("product-1", "2026-01-15T00:00:00.000Z")))
    await billing.client.patch(f"{ACCOUNTS}/{account_id}", json={"state": "closed"})

    await bill(billing, "2026-01")

    [issued] = await bills_of(billing)
    assert issued["amountDue"]["value"] == 5


async def test_bill_moves_through_its_states(billing: Harness) -> None:
    await charge(billing, "customer-1", a_price(10))
    await bill(billing, "2026-12")
    [issued] = await bills_of(billing)
    path = f"{BILLS}/{issued['id']}"

    for state in ("validated", "sent", "partiallyPaid", "settled"):
        answer = await billing.client.patch(path, json={"state": state})
        assert (answer.status_code, answer.json()["state"]) == (200, state)

    settled = (await billing.client.get(path)).json()
    assert settled["remainingAmount"]["value"] == 0
    assert settled["amountDue"] == issued["amountDue"]
    assert len(await billing.published(event_type="CustomerBillStateChangeEvent")) == 4


async def test_move_a_bill_may_not_make_is_refused_naming_both_states(billing: Harness) -> None:
    await charge(billing, "customer-1", a_price(10))
    await bill(billing, "2026-12")
    [issued] = await bills_of(billing)

    for patch, status, said in (
        ({"state": "settled"}, 409, ("new", "settled")),
        ({"state": "lost"}, 400, ("state",)),
        ({"amountDue": {"unit": "USD", "value": 0}}, 400, ("amountDue",)),
        ({"state": "validated", "surprise": 1}, 400, ("surprise",)),
    ):
        answer = await billing.client.patch(f"{BILLS}/{issued['id']}", json=patch)

        assert answer.status_code == status
        assert all(word in answer.json()["detail"] for word in said)
    assert await bills_of(billing) == [issued]


async def test_tmf678_bill_that_was_sent_can_be_disputed(billing: Harness) -> None:
    await charge(billing, "customer-1", a_price(10))
    await bill(billing, "2026-12")
    [issued] = await bills_of(billing)

    for state in ("validated", "sent", "onHold"):
        moved = await billing.client.patch(f"{BILLS}/{issued['id']}", json={"state": state})

        assert (moved.status_code, moved.json()["state"]) == (200, state)


async def test_bill_that_was_changed_meanwhile_is_not_overwritten(billing: Harness) -> None:
    await charge(billing, "customer-1", a_price(10))
    await bill(billing, "2026-12")
    [issued] = await bills_of(billing)
    path = f"{BILLS}/{issued['id']}"
    await billing.client.patch(path, json={"state": "onHold"})

    answer = await billing.client.patch(
        path, json={"state": "validated"}, headers={"If-Match": '"1"'}
    )

    assert answer.status_code == 412


async def test_bills_and_rates_are_found_by_what_they_belong_to(billing: Harness) -> None:
    account_id = await charge(billing, "customer-1", a_price(10), product_id="product-1")
    await charge(billing, "customer-2", a_price(10))
    await bill(billing, "2026-12")
    [issued] = await bills_of(billing, **{"relatedParty.id": "customer-1"})

    assert await bills_of(billing, **{"billingAccount.id": account_id}) == [issued]
    assert await bills_of(billing, billNo=issued["billNo"]) == [issued]
    assert await bills_of(billing, billDate=issued["billDate"], state="new")
    for query in (
        {"bill.id": issued["id"]},
        {"product.id": "product-1"},
        {"billingAccount.id": account_id},
    ):
        assert len((await billing.client.get(RATES, params=query)).json()) == 1


async def test_unknown_ids_are_not_found(billing: Harness) -> None:
    for path in (ACCOUNTS, BILLS, RATES):
        answer = await billing.client.get(f"{path}/3z06z842-763z4z2z-80z1-875zz14z6zz4")

        assert answer.status_code == 404
    assert (await billing.client.patch(f"{BILLS}/x", json={"state": "sent"})).status_code == 404


async def test_bills_and_rates_can_not_be_posted(billing: Harness) -> None:
    for path in (BILLS, RATES):
        assert (await billing.client.post(path, json={})).status_code == 405


async def test_migrations_make_the_tables_that_the_code_declares(postgres_dsn: str) -> None:
    dsn = await fresh_database(postgres_dsn, SERVICE)

    await asyncio.to_thread(check, dsn, SERVICE.migrations, SERVICE.metadata)
