"""TMF641: service orders that channels post are carried out, wait, or are rejected."""

from typing import Any

import pytest
from dualbus_events.contract.provisioning import ServiceOrder
from provisioning_svc.service_order.problems import says_what_to_do
from provisioning_svc.service_order.use_cases import service_orders_due

from tests.provisioning.network import Provisioning, activate

ORDERS = "/tmf-api/serviceOrdering/v4/serviceOrder"
CANCELS = "/tmf-api/serviceOrdering/v4/cancelServiceOrder"
ACTIVATIONS = "/tmf-api/ServiceActivationAndConfiguration/v4/service"
LATER = "2999-01-01T00:00:00.000Z"
CUSTOMER = {"id": "c-1", "role": "customer"}
PARTIES = [{"id": "shop", "role": "seller"}, CUSTOMER]


def add(specification: str, *, id_: str = "1", **service: Any) -> dict[str, Any]:
    named = {"serviceSpecification": {"id": specification}, **service}
    return {"id": id_, "action": "add", "service": named}


def end(service_id: str, *, id_: str = "1") -> dict[str, Any]:
    return {"id": id_, "action": "delete", "service": {"id": service_id}}


async def post(provisioning: Provisioning, *items: dict[str, Any], **more: Any) -> dict[str, Any]:
    body = {"serviceOrderItem": list(items), "relatedParty": PARTIES, **more}
    answer = await provisioning.harness.client.post(ORDERS, json=body)
    assert answer.status_code == 201, answer.text
    posted: dict[str, Any] = answer.json()
    return posted


async def get(provisioning: Provisioning, href: str) -> dict[str, Any]:
    found: dict[str, Any] = (await provisioning.harness.client.get(href)).json()
    return found


async def added(provisioning: Provisioning, specification: str = "mobile") -> dict[str, Any]:
    """A service that an order added."""
    posted = await post(provisioning, add(specification))
    await provisioning.call_element()
    return await get(provisioning, posted["serviceOrderItem"][0]["service"]["href"])


async def fail_next(provisioning: Provisioning, *operations: str) -> None:
    rules = [{"match": {"op": op}, "outcome": "fail", "times": 1} for op in operations]
    await provisioning.behave(latencyMs=0, rules=rules)


def errors_of(order: dict[str, Any]) -> list[str | None]:
    """Codes of the items' errors; None for an item that has none."""
    errors = [item.get("errorMessage") for item in order["serviceOrderItem"]]
    return [one[0]["code"] if one else None for one in errors]


async def test_posted_order_makes_an_active_service_with_what_it_needs(
    provisioning: Provisioning,
) -> None:
    bandwidth = [{"name": "bandwidth", "value": 100}]
    posted = await post(
        provisioning, add("mobile", name="Ada's", serviceCharacteristic=bandwidth), externalId="x-1"
    )
    await provisioning.call_element()

    order = await get(provisioning, posted["href"])
    [item] = order["serviceOrderItem"]
    service = await get(provisioning, item["service"]["href"])
    [at_element] = await provisioning.active()
    assert (posted["state"], order["state"], item["state"]) == (
        "inProgress",
        "completed",
        "completed",
    )
    assert order["completionDate"] >= order["startDate"] >= order["orderDate"]
    assert order["externalId"] == "x-1"
    assert (service["state"], service["name"], service["relatedParty"]) == (
        "active",
        "Ada's",
        [CUSTOMER],
    )
    assert [one["value"] for one in service["supportingResource"]] == [
        "+99550000001",
        "8999501000000000017",
    ]
    assert (at_element["serviceId"], at_element["customerId"]) == (service["id"], "c-1")
    assert at_element["characteristics"] == {"bandwidth": 100}


async def test_posted_orders_moves_are_told_with_the_customer(provisioning: Provisioning) -> None:
    posted = await post(provisioning, add("mobile"))
    await provisioning.call_element()

    published = await provisioning.harness.published()
    told = [one for one in published if one.key == posted["id"]]
    assert [(one.type, one.body["event"]["serviceOrder"]["state"]) for one in told] == [
        ("ServiceOrderCreateEvent", "acknowledged"),
        ("ServiceOrderStateChangeEvent", "inProgress"),
        ("ServiceOrderStateChangeEvent", "completed"),
    ]
    assert {one.headers["ce_customerid"] for one in told} == {"c-1"}
    assert [one for one in published if one.type == "ServiceCreateEvent"]


async def test_order_to_delete_ends_the_service_and_gives_its_resources_back(
    provisioning: Provisioning,
) -> None:
    service = await added(provisioning)

    posted = await post(provisioning, end(service["id"]))
    await provisioning.call_element()

    order = await get(provisioning, posted["href"])
    ended = await get(provisioning, service["href"])
    assert order["state"] == "completed"
    assert order["serviceOrderItem"][0]["service"]["name"] == service["name"]
    assert ended["state"] == "terminated"
    assert ended["serviceOrderItem"][0]["serviceOrderId"] == order["id"]
    assert set(await provisioning.states("resource", "resource_status")) == {"available"}
    assert await provisioning.active() == []


async def test_one_order_adds_and_ends(provisioning: Provisioning) -> None:
    old = await added(provisioning, "leased")

    posted = await post(
        provisioning,
        add("mobile"),
        end(old["id"], id_="2"),
        {"id": "3", "action": "noChange", "service": {}},
    )
    await provisioning.call_element()

    order = await get(provisioning, posted["href"])
    new = order["serviceOrderItem"][0]["service"]
    assert [item["state"] for item in order["serviceOrderItem"]] == ["completed"] * 3
    assert (await get(provisioning, old["href"]))["state"] == "terminated"
    assert [one["serviceId"] for one in await provisioning.active()] == [new["id"]]
    assert await provisioning.states("resource", "resource_status") == [
        "available",
        "reserved",
        "reserved",
    ]


async def test_order_that_the_network_fails_is_taken_back_before_it_fails(
    provisioning: Provisioning,
) -> None:
    old = await added(provisioning, "leased")
    await fail_next(provisioning, "activate")

    posted = await post(provisioning, end(old["id"]), add("mobile", id_="2"))
    await provisioning.call_element()

    order = await get(provisioning, posted["href"])
    assert order["state"] == "failed"
    assert None not in errors_of(order)
    assert (await get(provisioning, old["href"]))["state"] == "active"
    assert [one["serviceId"] for one in await provisioning.active()] == [old["id"]]
    assert len(await provisioning.bodies("service")) == 1
    assert await provisioning.states("resource", "resource_status") == [
        "reserved",
        "available",
        "available",
    ]


async def test_order_that_can_not_be_taken_back_keeps_what_is_assigned(
    provisioning: Provisioning,
) -> None:
    await fail_next(provisioning, "activate", "deactivate")

    posted = await post(provisioning, add("mobile"))
    await provisioning.call_element()

    order = await get(provisioning, posted["href"])
    assert order["state"] == "failed"
    assert "undoneDate" not in order
    assert set(await provisioning.states("resource", "resource_status")) == {"reserved"}


async def test_order_fails_at_once_when_a_pool_is_used_up(provisioning: Provisioning) -> None:
    await post(provisioning, *(add("leased", id_=str(n)) for n in (1, 2, 3)))

    order = await post(provisioning, add("mobile"), add("pair", id_="2"))
    await provisioning.call_element()

    assert (order["state"], errors_of(order)) == ("failed", ["noResourceAvailable"] * 2)
    assert len(await provisioning.bodies("resource")) == 3
    assert len(await provisioning.active()) == 3


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"relatedParty": [{"id": "shop", "role": "seller"}]}, id="no customer"),
        pytest.param({"serviceOrderItem": [{**add("m"), "action": "modify"}]}, id="modify"),
        pytest.param({"serviceOrderItem": [{**add("m"), "quantity": 2}]}, id="quantity"),
        pytest.param(
            {"serviceOrderItem": [{**add("m"), "serviceOrderItem": [add("m")]}]}, id="nested items"
        ),
        pytest.param({"serviceOrderItem": [add("m", state="reserved")]}, id="not to be active"),
        pytest.param(
            {"serviceOrderItem": [add("m", supportingResource=[{"id": "r"}])]}, id="chosen resource"
        ),
        pytest.param(
            {"serviceOrderItem": [add("m", relatedEntity=[{"id": "p", "role": "product"}])]},
            id="product",
        ),
        pytest.param({"serviceOrderItem": [add("m", id="s-1")]}, id="existing service"),
        pytest.param(
            {"serviceOrderItem": [{"id": "1", "action": "noChange", "service": {}}]}, id="nothing"
        ),
        pytest.param(
            {"serviceOrderItem": [{"id": "1", "action": "delete", "service": {}}]}, id="no service"
        ),
    ],
)
def test_order_that_leaves_something_open_needs_a_person(change: dict[str, Any]) -> None:
    whole = {
        "id": "o-1",
        "state": "acknowledged",
        "orderDate": LATER,
        "relatedParty": PARTIES,
        "serviceOrderItem": [add("m"), end("s-1", id_="2")],
    }

    assert says_what_to_do(ServiceOrder.model_validate(whole))
    assert not says_what_to_do(ServiceOrder.model_validate(whole | change))


async def test_order_that_is_not_for_us_to_carry_out_waits_for_a_person(
    provisioning: Provisioning,
) -> None:
    orders = [
        await post(provisioning, add("unknown")),
        await post(provisioning, end("unknown")),
        await post(provisioning, add("mobile"), add("unknown", id_="2")),
        await post(provisioning, add("mobile"), relatedParty=[]),
    ]

    assert [order["state"] for order in orders] == ["acknowledged"] * 4
    items = [item for order in orders for item in order["serviceOrderItem"]]
    assert [item["state"] for item in items] == ["acknowledged"] * 5
    assert await provisioning.waiting_calls() == 0
    assert await provisioning.bodies("resource") == []


async def test_order_that_breaks_a_rule_is_rejected_with_each_reason(
    provisioning: Provisioning,
) -> None:
    await provisioning.do(activate("mobile"))
    [of_product] = await provisioning.bodies("service")
    ended, running = await added(provisioning), await added(provisioning)
    await post(provisioning, end(ended["id"]))
    await provisioning.call_element()
    ids = (of_product["id"], ended["id"], running["id"], running["id"])

    order = await post(provisioning, *(end(id_, id_=str(n)) for n, id_ in enumerate(ids)))
    of_another = await post(
        provisioning, end(running["id"]), relatedParty=[{"id": "c-2", "role": "customer"}]
    )

    assert {item["state"] for item in order["serviceOrderItem"]} == {"rejected"}
    assert errors_of(order) == ["serviceOfProduct", "serviceTerminated", None, "serviceNamedTwice"]
    assert (of_another["state"], errors_of(of_another)) == (
        "rejected",
        ["serviceOfAnotherCustomer"],
    )
    assert await provisioning.waiting_calls() == 0
    assert len(await provisioning.active()) == 2


async def test_service_is_changed_by_one_order_or_request_at_a_time(
    provisioning: Provisioning,
) -> None:
    client = provisioning.harness.client
    service = await added(provisioning)
    configured = f"{ACTIVATIONS}/{service['id']}"
    await post(provisioning, end(service["id"]))

    second = await post(provisioning, end(service["id"]))
    request = await client.patch(configured, json={"state": "inactive"})
    forgotten = await client.patch(configured, json={"serviceOrderItem": []})
    other = await added(provisioning)
    accepted = await client.patch(f"{ACTIVATIONS}/{other['id']}", json={"state": "inactive"})
    third = await post(provisioning, end(other["id"]))

    assert (second["state"], errors_of(second)) == ("rejected", ["serviceBeingConfigured"])
    assert (request.status_code, request.json()["code"]) == (409, "serviceBeingConfigured")
    assert forgotten.status_code == 400
    assert (accepted.status_code, errors_of(third)) == (202, ["serviceBeingConfigured"])


async def test_order_in_work_is_cancelled_by_the_network(provisioning: Provisioning) -> None:
    old = await added(provisioning, "leased")
    posted = await post(provisioning, add("mobile"), end(old["id"], id_="2"))

    body = {"serviceOrder": {"id": posted["id"]}, "cancellationReason": "moved away"}
    cancellation = (await provisioning.harness.client.post(CANCELS, json=body)).json()
    assessed = await get(provisioning, posted["href"])
    await provisioning.call_element()

    order = await get(provisioning, posted["href"])
    done = await get(provisioning, cancellation["href"])
    assert (assessed["state"], order["state"], done["state"]) == (
        "assessingCancellation",
        "cancelled",
        "done",
    )
    assert [one["serviceId"] for one in await provisioning.active()] == [old["id"]]
    assert len(await provisioning.bodies("service")) == 1
    assert await provisioning.states("resource", "resource_status") == [
        "reserved",
        "available",
        "available",
    ]


async def due(provisioning: Provisioning, *orders: dict[str, Any]) -> None:
    async with provisioning.harness.database.unit_of_work() as uow:
        await service_orders_due([order["id"] for order in orders], uow)


async def test_order_waits_for_its_date_unless_it_is_cancelled(provisioning: Provisioning) -> None:
    first, second = [
        await post(provisioning, add("mobile"), requestedStartDate=LATER) for _ in range(2)
    ]
    timers = await provisioning.pool.fetch("SELECT key FROM timer WHERE kind = 'serviceOrder'")
    body = {"serviceOrder": {"id": first["id"]}}
    await provisioning.harness.client.post(CANCELS, json=body)
    before = await provisioning.bodies("resource")

    await due(provisioning, first, second)
    await provisioning.call_element()

    orders = [await get(provisioning, one["href"]) for one in (first, second)]
    assert (first["state"], before) == ("acknowledged", [])
    assert {row["key"] for row in timers} == {first["id"], second["id"]}
    assert [one["state"] for one in orders] == ["cancelled", "completed"]
    assert len(await provisioning.active()) == 1


async def test_orders_that_are_due_together_share_what_is_left(provisioning: Provisioning) -> None:
    service = await added(provisioning, "leased")
    posted = [
        await post(provisioning, *items, requestedStartDate=LATER)
        for items in (
            [end(service["id"])],
            [end(service["id"])],
            [add("leased", id_="1"), add("leased", id_="2")],
            [add("leased")],
        )
    ]

    await due(provisioning, *posted)
    await provisioning.call_element()

    orders = [await get(provisioning, one["href"]) for one in posted]
    assert [one["state"] for one in orders] == ["completed", "rejected", "completed", "failed"]


async def test_repeated_post_with_one_key_makes_one_service(provisioning: Provisioning) -> None:
    body = {"serviceOrderItem": [add("mobile")], "relatedParty": PARTIES}
    client, headers = provisioning.harness.client, {"Idempotency-Key": "one"}

    answers = [await client.post(ORDERS, json=body, headers=headers) for _ in range(2)]
    await provisioning.call_element()

    assert answers[0].json() == answers[1].json()
    assert len(await provisioning.bodies("service_order")) == 1
    assert len(await provisioning.active()) == 1
