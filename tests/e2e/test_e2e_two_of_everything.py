"""Two processes of every service: nothing is done twice, nothing overtakes."""

import asyncio
from collections.abc import Iterator

import pytest

from tests.e2e.channel import Channel, an_order, product_ids
from tests.e2e.event_log import read_log
from tests.e2e.item_changes import change_both, place_changeable
from tests.e2e.ledger import Ledger
from tests.e2e.order_driver import drive
from tests.e2e.running_system import RunningSystem, eventually

pytestmark = [pytest.mark.stack, pytest.mark.timeout(600)]

_ALARM_PATH = "/tmf-api/alarm/v4/alarm"
_ACCOUNTS = (
    "SELECT customer_id, count(*) FROM billing_account WHERE customer_id = ANY($1) GROUP BY 1"
)


@pytest.fixture(scope="module", autouse=True)
def _two_of_everything(system: RunningSystem) -> Iterator[None]:
    system.dualbus("start", "--replicas", "2")
    yield
    system.dualbus("start", "--replicas", "1")


async def test_a_second_instance_of_every_service_doubles_nothing(
    system: RunningSystem, channel: Channel, ledger: Ledger
) -> None:
    customers = await channel.customers(20)

    orders = await drive(
        channel,
        lambda number: an_order(customers[number % 20], "mobile-ringback", "leased-line-gold"),
        per_second=25,
        count=150,
    )

    await ledger.until_ended(orders, seconds=120)
    assert await ledger.findings(orders) == []
    accounts = await system.rows("billing", _ACCOUNTS, customers)
    assert {row["customer_id"]: row["count"] for row in accounts} == dict.fromkeys(customers, 1)
    ids = [id_ for order in orders for id_ in (order["id"], *product_ids(order))]
    log = await read_log(system.stack.bootstrap, about=ids)
    assert log.repeated() == []
    assert log.missing() == []


async def test_an_alarm_raised_with_two_instances_opens_one_ticket(
    system: RunningSystem, channel: Channel, ledger: Ledger
) -> None:
    customer = await channel.customer()
    order = await channel.complete(an_order(customer, "leased-line-gold"))
    await ledger.until_ended([order], seconds=30)
    port = (await channel.view(customer))["resource"][0]
    alarm = {
        "alarmType": "equipmentAlarm", "perceivedSeverity": "critical", "probableCause": "los",
        "alarmRaisedTime": "2026-01-31T09:30:00.000Z", "sourceSystemId": "nms", "state": "raised",
        "alarmedObject": {"id": port["id"]},
    }  # fmt: skip

    raised = await asyncio.gather(
        *(channel.client.post(channel.url("assurance", _ALARM_PATH), json=alarm) for _ in range(4))
    )

    assert {answer.status_code for answer in raised} == {201}
    tickets = "SELECT count(*) FROM trouble_ticket WHERE party_ids @> to_jsonb($1::text)"
    assert await system.value("assurance", tickets, customer) == 1

    async def seen() -> object:
        return len((await channel.view(customer))["troubleTicket"])

    await eventually(seen, 1)


async def test_two_changes_of_two_items_at_once_are_both_kept_or_one_is_refused(
    channel: Channel,
) -> None:
    order = await place_changeable(channel, await channel.customer())

    for turn in range(15):
        for change in await change_both(channel, order["id"], note=f"{turn}"):
            assert change.honest, change
