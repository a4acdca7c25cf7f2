"""TMF652: resources reserved from their pools and given back, at once, later or not at all."""

from typing import Any

import pytest
from provisioning_svc.resource_order.use_cases import resource_orders_due

from tests.provisioning.network import Provisioning, activate, undo_of

ORDERS = "/tmf-api/resourceOrderingManagement/v4/resourceOrder"
CANCELS = "/tmf-api/resourceOrderingManagement/v4/cancelResourceOrder"
RESOURCES = "/tmf-api/resourceInventoryManagement/v4/resource"
LATER = "2999-01-01T00:00:00.000Z"


def add(specification: str, *, quantity: int | None = None, id_: str = "1") -> dict[str, Any]:
    item = {
        "id": id_,
        "action": "add",
        "resource": {"resourceSpecification": {"id": specification}},
    }
    return item | ({"quantity": quantity} if quantity else {})


def by_id(action: str, resource_id: str, *, id_: str = "1") -> dict[str, Any]:
    return {"id": id_, "action": action, "resource": {"id": resource_id}}


async def order(provisioning: Provisioning, *items: dict[str, Any], **more: Any) -> dict[str, Any]:
    body = {
        "orderItem": list(items),
        "relatedParty": [{"id": "shop", "role": "seller"}, {"id": "c-1", "role": "customer"}],
        **more,
    }
    answer = await provisioning.harness.client.post(ORDERS, json=body)
    assert answer.status_code == 201, answer.text
    posted: dict[str, Any] = answer.json()
    return posted


async def read(provisioning: Provisioning, posted: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = (await provisioning.harness.client.get(posted["href"])).json()
    return found


async def fire(provisioning: Provisioning, posted: dict[str, Any]) -> None:
    async with provisioning.harness.database.unit_of_work() as uow:
        await resource_orders_due([posted["id"]], uow)


async def cancel(provisioning: Provisioning, posted: dict[str, Any]) -> Any:
    body = {"resourceOrder": {"id": posted["id"]}, "cancellationReason": "no need"}
    return await provisioning.harness.client.post(CANCELS, json=body)


async def timers(provisioning: Provisioning) -> list[str]:
    rows = await provisioning.pool.fetch("SELECT key FROM timer WHERE kind = 'resourceOrder'")
    return [row["key"] for row in rows]


def codes(posted: dict[str, Any]) -> list[str]:
    return [one["code"] for item in posted["orderItem"] for one in item.get("errorMessage", [])]


async def test_add_reserves_from_the_pool_and_enters_the_inventory(
    provisioning: Provisioning,
) -> None:
    posted = await order(provisioning, add("msisdn", quantity=2))

    [item] = posted["orderItem"]
    held = await provisioning.bodies("resource")
    assert (posted["state"], item["state"]) == ("completed", "completed")
    assert posted["completionDate"].endswith("Z")
    assert [one["value"] for one in item["assignedResource"]] == ["+99550000001", "+99550000002"]
    assert item["resource"]["id"] == item["assignedResource"][0]["id"] == held[0]["id"]
    assert {one["resourceStatus"] for one in held} == {"reserved"}
    assert held[0]["relatedEntity"][0]["id"] == posted["id"]
    assert held[0]["relatedParty"] == [{"id": "c-1", "role": "customer"}]
    assert (await provisioning.harness.client.get(held[0]["href"])).json() == held[0]


async def test_every_move_is_told_to_the_customers_view(provisioning: Provisioning) -> None:
    posted = await order(provisioning, add("sim"))

    published = [p for p in await provisioning.harness.published() if p.key == posted["id"]]
    states = [one.body["event"]["resourceOrder"]["state"] for one in published]
    assert states == ["acknowledged", "inProgress", "completed"]
    assert {one.headers["ce_customerid"] for one in published} == {"c-1"}


async def test_what_an_order_holds_no_service_gets(provisioning: Provisioning) -> None:
    await order(provisioning, add("msisdn"))

    [reply] = await provisioning.do(activate("mobile"))

    assert reply["result"]["resource"][0]["value"] == "+99550000002"


async def test_add_by_id_reserves_that_one_and_delete_gives_it_back(
    provisioning: Provisioning,
) -> None:
    body = {
        "name": "Golden number",
        "value": "+995577777777",
        "resourceStatus": "available",
        "resourceSpecification": {"id": "msisdn"},
    }
    golden = (await provisioning.harness.client.post(RESOURCES, json=body)).json()

    taken = await order(provisioning, by_id("add", golden["id"]))
    refused = await order(provisioning, by_id("add", golden["id"]))
    returned = await order(provisioning, by_id("delete", golden["id"]))
    again = await order(provisioning, by_id("delete", golden["id"]))

    assert taken["orderItem"][0]["assignedResource"][0]["value"] == "+995577777777"
    assert (refused["state"], codes(refused)) == ("rejected", ["resourceNotAvailable"])
    assert (returned["state"], again["state"]) == ("completed", "completed")
    assert await provisioning.states("resource", "resource_status") == ["available"]


async def test_resource_of_a_service_is_not_given_back_under_it(
    provisioning: Provisioning,
) -> None:
    [reply] = await provisioning.do(activate("mobile"))

    posted = await order(provisioning, by_id("delete", reply["result"]["resource"][0]["id"]))

    assert (posted["state"], codes(posted)) == ("rejected", ["resourceInUse"])
    assert set(await provisioning.states("resource", "resource_status")) == {"reserved"}


@pytest.mark.parametrize(
    ("item", "code"),
    [
        ({"id": "2", "action": "add", "resource": {}}, "specificationUnknown"),
        (add("nothing", id_="2"), "specificationUnknown"),
        (by_id("add", "nowhere", id_="2"), "resourceUnknown"),
        (by_id("delete", "nowhere", id_="2"), "resourceUnknown"),
        (by_id("modify", "nowhere", id_="2"), "actionNotSupported"),
    ],
)
async def test_one_item_that_can_not_be_done_rejects_the_order_and_nothing_is_done(
    provisioning: Provisioning, item: dict[str, Any], code: str
) -> None:
    posted = await order(provisioning, add("msisdn"), item)

    assert posted["state"] == "rejected"
    assert [one["state"] for one in posted["orderItem"]] == ["rejected", "rejected"]
    assert codes(posted) == [code]
    assert await provisioning.bodies("resource") == []


@pytest.mark.parametrize("quantity", [0, -1, 1001])
async def test_quantity_out_of_bounds_is_refused(provisioning: Provisioning, quantity: int) -> None:
    item = {**add("msisdn"), "quantity": quantity}

    answer = await provisioning.harness.client.post(ORDERS, json={"orderItem": [item]})

    assert answer.status_code == 400
    assert answer.json()["code"] == "invalidQuantity"


async def test_order_waits_while_its_pool_is_used_up_and_goes_on_when_something_is_back(
    provisioning: Provisioning,
) -> None:
    held = await order(provisioning, add("port", quantity=2))
    posted = await order(provisioning, add("msisdn"), add("port", quantity=2, id_="2"))
    waiting_for = await timers(provisioning)
    await fire(provisioning, posted)
    still = await read(provisioning, posted)

    one_back = held["orderItem"][0]["assignedResource"][0]["id"]
    await order(provisioning, by_id("delete", one_back))
    await fire(provisioning, posted)

    done = await read(provisioning, posted)
    assert [one["state"] for one in posted["orderItem"]] == ["completed", "pending"]
    assert (posted["state"], codes(posted)) == ("pending", ["noResourceAvailable"])
    assert waiting_for == [posted["id"]]
    assert still == posted, "a try that changes nothing tells nobody"
    assert (done["state"], codes(done)) == ("completed", [])
    values = {one["value"] for one in done["orderItem"][1]["assignedResource"]}
    assert values == {"PORT-1", "PORT-3"}


async def test_order_with_a_date_to_start_at_waits_for_it(provisioning: Provisioning) -> None:
    posted = await order(provisioning, add("msisdn"), requestedStartDate=LATER)
    before = await provisioning.bodies("resource")

    await fire(provisioning, posted)

    assert (posted["state"], before) == ("pending", [])
    assert (await read(provisioning, posted))["state"] == "completed"


async def test_order_that_came_too_late_for_one_of_its_resources_is_partial(
    provisioning: Provisioning,
) -> None:
    task = activate("leased")
    [reply] = await provisioning.do(task)
    await provisioning.do(undo_of(task))
    port = reply["result"]["resource"][0]["id"]
    posted = await order(
        provisioning, add("msisdn"), by_id("add", port, id_="2"), requestedStartDate=LATER
    )
    await order(provisioning, by_id("add", port))

    await fire(provisioning, posted)

    done = await read(provisioning, posted)
    assert done["state"] == "partial"
    assert [one["state"] for one in done["orderItem"]] == ["completed", "failed"]
    assert codes(done) == ["resourceNotAvailable"]


async def test_cancelled_order_gives_back_what_it_holds_and_is_never_carried_out(
    provisioning: Provisioning,
) -> None:
    posted = await order(provisioning, add("msisdn"), add("port", quantity=4, id_="2"))

    cancellation = (await cancel(provisioning, posted)).json()
    await fire(provisioning, posted)

    done = await read(provisioning, posted)
    assert cancellation["state"] == "done"
    assert cancellation["effectiveCancellationDate"].endswith("Z")
    assert (done["state"], done["cancellationReason"]) == ("cancelled", "no need")
    assert {one["state"] for one in done["orderItem"]} == {"cancelled"}
    assert await provisioning.states("resource", "resource_status") == ["available"]


async def test_order_that_gave_something_back_is_past_its_point_of_no_return(
    provisioning: Provisioning,
) -> None:
    held = await order(provisioning, add("msisdn"))
    number = held["orderItem"][0]["resource"]["id"]
    posted = await order(provisioning, by_id("delete", number), add("port", quantity=4, id_="2"))

    cancellation = (await cancel(provisioning, posted)).json()

    assert cancellation["state"] == "terminatedWithError"
    assert cancellation["errorMessage"]["code"] == "pastPointOfNoReturn"
    assert (await read(provisioning, posted))["state"] == "pending"


async def test_completed_order_is_not_cancelled_and_both_states_are_named(
    provisioning: Provisioning,
) -> None:
    posted = await order(provisioning, add("msisdn"))

    answer = await cancel(provisioning, posted)

    assert answer.status_code == 409
    assert answer.json()["code"] == "resourceOrderNotCancellable"
    assert (answer.json()["from"], answer.json()["to"]) == ("completed", "cancelled")
    assert await provisioning.states("resource", "resource_status") == ["reserved"]
