"""TM Forum's resources over HTTP, as channels and conformance kits use them."""

import asyncio

import pytest
from dualbus_events.migrations.run import check
from provisioning_svc.service import SERVICE
from provisioning_svc.tables import metadata

from tests.harness import fresh_database
from tests.provisioning.network import RESOURCE_CATALOG, SERVICE_CATALOG, Provisioning

SERVICE_ORDERS = "/tmf-api/serviceOrdering/v4/serviceOrder"
SERVICES = "/tmf-api/serviceInventory/v4/service"
RESOURCES = "/tmf-api/resourceInventoryManagement/v4/resource"


async def test_minimal_service_order_is_acknowledged_and_waits(
    provisioning: Provisioning,
) -> None:
    client = provisioning.harness.client

    answer = await client.post(
        SERVICE_ORDERS, json={"serviceOrderItem": [{"id": "1", "action": "add", "service": {}}]}
    )

    order = answer.json()
    assert answer.status_code == 201
    assert answer.headers["Location"] == order["href"]
    assert order["state"] == "acknowledged"
    assert order["orderDate"].endswith("Z")
    assert order["serviceOrderItem"][0]["service"] == {}
    assert (await client.get(order["href"])).json() == order
    assert await provisioning.waiting_calls() == 0


async def test_posted_service_has_a_service_date_and_an_event(provisioning: Provisioning) -> None:
    body = {"state": "active", "serviceSpecification": {"id": "1212"}}

    answer = await provisioning.harness.client.post(SERVICES, json=body)

    published = await provisioning.harness.published(event_type="ServiceCreateEvent")
    assert answer.status_code == 201
    assert answer.json()["serviceDate"].endswith("Z")
    assert published[0].body["event"]["service"] == answer.json()


@pytest.mark.parametrize(
    ("path", "body", "missing"),
    [
        (SERVICE_ORDERS, {}, "serviceOrderItem"),
        (SERVICES, {"state": "active"}, "serviceSpecification"),
        (RESOURCES, {"value": "1"}, "name"),
        (SERVICE_CATALOG, {}, "name"),
        (RESOURCE_CATALOG, {"name": "n", "pool": {"first": 2, "last": 1}}, "pool"),
    ],
)
async def test_incomplete_body_is_refused_with_what_is_missing(
    provisioning: Provisioning, path: str, body: dict[str, object], missing: str
) -> None:
    answer = await provisioning.harness.client.post(path, json=body)

    assert answer.status_code == 400
    assert missing in answer.json()["detail"]


async def test_service_can_not_be_created_as_terminated(provisioning: Provisioning) -> None:
    body = {"state": "terminated", "serviceSpecification": {"id": "1212"}}

    answer = await provisioning.harness.client.post(SERVICES, json=body)

    assert answer.status_code == 409


async def test_second_resource_of_one_value_is_refused(provisioning: Provisioning) -> None:
    body = {"name": "n", "value": "1", "resourceSpecification": {"id": "msisdn"}}
    client = provisioning.harness.client

    first = await client.post(RESOURCES, json=body)
    second = await client.post(RESOURCES, json=body)

    assert first.status_code == 201
    assert second.status_code == 409


async def test_migrations_make_the_tables_that_the_code_names(postgres_dsn: str) -> None:
    dsn = await fresh_database(postgres_dsn, SERVICE)

    await asyncio.to_thread(check, dsn, SERVICE.migrations, metadata)
