"""One order's way through all services, and what the customer sees of it."""

from decimal import Decimal

import httpx
import pytest

from tests.e2e.channel import VIEW_PATH, Body, Channel, an_order, item, party, product_ids
from tests.e2e.early_order import EarlyOrder
from tests.e2e.event_log import read_log
from tests.e2e.ledger import Ledger
from tests.e2e.running_system import RunningSystem, eventually

pytestmark = [pytest.mark.stack, pytest.mark.timeout(600)]


async def test_an_order_taken_before_a_consumer_ever_started_is_fulfilled_when_it_does(
    early_order: EarlyOrder, channel: Channel, ledger: Ledger
) -> None:
    assert early_order.before["state"] == "inProgress"

    await ledger.until_ended([early_order.taken], seconds=60)

    assert await ledger.findings([early_order.taken]) == []
    view = await channel.view(early_order.customer_id)
    assert [order["state"] for order in view["productOrder"]] == ["completed"]


async def test_an_order_is_complete_in_every_part_of_the_customers_view(
    channel: Channel, ledger: Ledger
) -> None:
    customer = await channel.customer()

    order = await channel.complete(an_order(customer, "leased-line-gold", "mobile-ringback"))

    await ledger.until_ended([order], seconds=30)
    assert await ledger.findings([order]) == []
    view = await channel.view(customer, expand="charge")
    assert states_of(view["productOrder"]) == ["completed"]
    assert {step["outcome"] for step in view["productOrder"][0]["track"]} == {"done"}
    assert {step["task"] for step in view["productOrder"][0]["track"]} == {
        "customer.verify", "billing.open", "provisioning.activate", "billing.start",
        "assurance.watch", "vas.subscribe",
    }  # fmt: skip
    assert [one["status"] for one in view["productValue"]] == ["active", "active"]
    assert states_of(view["service"]) == ["active", "active"]
    assert states_of(view["account"]) == ["active"]
    assert states_of(view["serviceLevelAgreement"]) == ["active"]
    assert len(view["resource"]) == 5
    amounts = sorted(Decimal(str(one["amount"]["value"])) for one in view["charge"])
    assert amounts == [Decimal("18.5"), Decimal(890)]


async def test_the_log_tells_an_orders_story_once_and_without_gaps(
    system: RunningSystem, channel: Channel, ledger: Ledger
) -> None:
    order = await channel.complete(an_order(await channel.customer(), "phone"))
    await ledger.until_ended([order], seconds=30)

    log = await read_log(system.stack.bootstrap, about=[order["id"], *product_ids(order)])

    assert log.repeated() == []
    assert log.missing() == []
    assert {topic for topic, _, _ in log.events} == {"order.product-order.v1", "order.product.v1"}


async def test_a_view_read_with_the_writes_token_shows_the_write(channel: Channel) -> None:
    customer = await channel.customer()
    answer = await channel.post_order(an_order(customer, "streaming-tv"))
    token = answer.headers["X-Consistency-Token"]

    url = channel.url("ods", f"{VIEW_PATH}/{customer}")
    view = await until_consistent(channel, url, token)

    assert answer.json()["id"] in [order["id"] for order in view["productOrder"]]


async def test_an_order_of_200_items_completes(channel: Channel, ledger: Ledger) -> None:
    items = [item("phone", str(number)) for number in range(200)]
    customer = await channel.customer()

    taken = await channel.place({"relatedParty": [party(customer)], "productOrderItem": items})

    await ledger.until_ended([taken], seconds=90)
    assert await ledger.findings([taken]) == []


async def test_the_customer_of_a_service_is_the_party_in_that_role_not_the_first_one(
    channel: Channel, ledger: Ledger
) -> None:
    agent, customer = await channel.customers(2)
    parties = [party(agent, "salesAgent"), party(customer)]

    order = await channel.complete(an_order(customer, "phone", relatedParty=parties))

    await ledger.until_ended([order], seconds=30)
    view, other = await channel.view(customer, expand="charge"), await channel.view(agent)
    for part in ("productOrder", "productValue", "service", "resource", "account", "charge"):
        assert len(view[part]) == 1, part
        assert not other.get(part), part


async def test_ceasing_a_product_touches_no_other_of_the_same_offering_and_customer(
    channel: Channel, ledger: Ledger
) -> None:
    customer = await channel.customer()
    ceased = await channel.complete(an_order(customer, "phone"))
    kept = await channel.complete(an_order(customer, "phone"))
    [product] = product_ids(ceased)
    end = {"id": "1", "action": "delete", "quantity": 1, "product": {"id": product}}

    order = await channel.complete(an_order(customer, productOrderItem=[end]))

    await ledger.until_ended([ceased, kept, order], seconds=30)
    assert await ledger.findings([kept]) == []
    findings = await ledger.findings([ceased])
    assert sorted(one.partition(":")[0] for one in findings) == [
        "charge", "charge in the ODS", "in the network", "product", "product in the ODS",
        "resources", "service", "service in the ODS",
    ]  # fmt: skip
    view = await channel.view(customer, expand="charge")
    assert sorted(one["status"] for one in view["productValue"]) == ["active", "terminated"]
    assert sorted(one["state"] for one in view["charge"]) == ["active", "ended"]


def states_of(resources: list[Body]) -> list[str]:
    return [one["state"] for one in resources]


async def until_consistent(channel: Channel, url: str, token: str) -> Body:
    """The view, asked for again as the 503's Retry-After says while it is not there yet."""
    answer: httpx.Response | None = None

    async def status() -> object:
        nonlocal answer
        answer = await channel.client.get(url, headers={"X-Consistency-Token": token})
        return answer.status_code

    await eventually(status, 200, seconds=30)
    assert answer is not None
    view: Body = answer.json()
    return view
