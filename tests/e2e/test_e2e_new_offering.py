"""A new offering whose plan has one more participant: files alone, no code, no restart."""

from pathlib import Path
from typing import Final

import pytest

from tests.e2e.channel import Channel, an_order
from tests.e2e.running_system import RunningSystem, eventually

pytestmark = [pytest.mark.stack, pytest.mark.timeout(300)]

VOICEMAIL: Final = Path(__file__).parent.parent / "catalogue" / "voicemail"


def changes(loaded: dict[str, object]) -> dict[str, object]:
    return {what: loaded[what] for what in ("created", "changed", "unchanged")}


async def test_an_offering_that_is_only_data_is_ordered_through_its_own_plan(
    system: RunningSystem, channel: Channel
) -> None:
    first = system.dualbus_json("catalogue", "load", str(VOICEMAIL))
    again = system.dualbus_json("catalogue", "load", str(VOICEMAIL))
    customer = await channel.customer()

    order = await channel.complete(an_order(customer, "phone-voicemail"))

    assert changes(first) == {"created": 4, "changed": 0, "unchanged": 0}
    assert changes(again) == {"created": 0, "changed": 0, "unchanged": 4}

    async def track() -> object:
        sql = "SELECT type, outcome FROM track WHERE process_id = $1"
        return {(row["type"], row["outcome"]) for row in await system.rows("ods", sql, order["id"])}

    expected = {
        ("customer.verify", "done"),
        ("billing.open", "done"),
        ("provisioning.activate", "done"),
        ("vas.subscribe", "done"),
        ("billing.start", "done"),
        ("assurance.watch", "done"),
    }
    await eventually(track, expected)
    subscribed = await channel.client.get(channel.url("vas_platform", "/admin/active"))
    assert "VMB" in subscribed.text
