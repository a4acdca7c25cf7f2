"""`dualbus hub`, asking the service over HTTP as a person would."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
from dualbus_cli.commands.hub import app
from dualbus_events.hub_registration import Hub
from dualbus_kit.clock import utc_now
from dualbus_kit.ids import new_id
from eai_svc.hub.subscriptions import subscribe
from typer.testing import CliRunner

from tests.eai.serving import serving
from tests.harness import Harness


@dataclass
class Shell:
    """Where the command runs, and a subscription that is there."""

    url: str
    hub_id: str

    async def run(self, *arguments: str) -> tuple[int, str]:
        found = await asyncio.to_thread(
            CliRunner().invoke, app, [*arguments, "--url", self.url], env={"COLUMNS": "200"}
        )
        return found.exit_code, found.output

    async def json(self, *arguments: str) -> Any:
        code, output = await self.run(*arguments, "--json")
        assert code == 0, output
        return json.loads(output)


@pytest.fixture
async def shell(api: Harness) -> AsyncIterator[Shell]:
    hub = Hub(
        id=new_id(),
        callback="https://partner.example/events",
        query="domain=order",
        api="/tmf-api/event/v4",
        event_topic=["order.product-order.v1"],
    )
    async with api.database.unit_of_work() as uow:
        await subscribe(uow.connection, hub, utc_now())
    async with serving(api.app) as url:
        yield Shell(url, hub.id)


async def test_subscriptions_are_listed_and_shown(shell: Shell) -> None:
    listed = await shell.json("list")
    code, table = await shell.run("list")
    _, text = await shell.run("show", shell.hub_id)

    assert [one["id"] for one in listed["hub"]] == [shell.hub_id]
    assert await shell.json("show", shell.hub_id) == listed["hub"][0]
    assert (code, shell.hub_id in table, "https://partner.example/events" in table) == (
        0,
        True,
        True,
    )
    assert text.startswith(f"{shell.hub_id}: active\n")


async def test_a_subscription_is_paused_and_resumed(shell: Shell) -> None:
    paused = await shell.json("pause", shell.hub_id)
    resumed = await shell.json("resume", shell.hub_id)

    assert (paused["state"], resumed["state"]) == ("paused", "active")


async def test_a_replay_is_asked_for_by_range_and_customer(shell: Shell) -> None:
    begun = await shell.json(
        "replay", shell.hub_id, "--from", "2026-03-01", "--to", "2026-03-02", "--customer", "c-1"
    )

    [replay] = (await shell.json("show", shell.hub_id))["replay"]
    assert replay == {
        "id": begun["id"],
        "from": "2026-03-01T00:00:00.000Z",
        "to": "2026-03-02T00:00:00.000Z",
        "customerId": "c-1",
        "state": "reading",
        "matched": 0,
        "unread": 0,
    }


async def test_what_can_not_be_done_is_said_in_one_line(shell: Shell) -> None:
    unknown = await shell.run("show", "unknown")
    backwards = await shell.run(
        "replay", shell.hub_id, "--from", "2026-03-02", "--to", "2026-03-01"
    )
    no_moment, _ = await shell.run("replay", shell.hub_id, "--from", "yesterday")

    assert unknown == (1, "subscription unknown does not exist\n")
    assert backwards == (1, "to: must be later than from\n")
    assert no_moment == 2
