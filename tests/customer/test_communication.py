"""TMF681: a message is taken at once and delivered later, by SMTP or into a file."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pytest
from customer_svc.communication.sending import (
    KIND,
    messages_answered,
    perform_with_settings,
    scheduled_time_came,
)
from customer_svc.service import SERVICE
from customer_svc.settings import CustomerSettings
from dualbus_events.calls import CallRunner
from dualbus_events.timers import TimerRunner

from tests.customer.smtp_server import SmtpServer, smtp_server
from tests.harness import Harness, running
from tests.waiting import eventually

MESSAGES = "/tmf-api/communicationManagement/v4/communicationMessage"
AN_EMAIL = {
    "content": "Your fibre is ready.",
    "messageType": "Email",
    "subject": "Fibre",
    "receiver": [{"email": "ada@example.com"}],
    "sender": {"email": "shop@example.com"},
}
A_TEXT = {**AN_EMAIL, "messageType": "SMS", "receiver": [{"phoneNumber": "+4912345"}]}


@dataclass
class World:
    """customer-svc, a mail server and a spool file; nothing is sent until `runner` starts."""

    service: Harness
    smtp: SmtpServer
    spool: Path
    runner: CallRunner

    async def post(self, body: dict[str, Any]) -> str:
        answer = await self.service.client.post(MESSAGES, json=body)
        assert answer.status_code == 201, answer.text
        assert answer.json()["state"] == "initial"
        return str(answer.json()["href"])

    async def read(self, href: str) -> dict[str, Any]:
        found: dict[str, Any] = (await self.service.client.get(href)).json()
        return found

    async def ended(self, href: str) -> dict[str, Any]:
        """The message, once something became of it."""

        async def is_over() -> bool:
            message = await self.read(href)
            return bool(message["state"] != "initial")

        await eventually(is_over, seconds=25)
        return await self.read(href)


@pytest.fixture
async def world(postgres_dsn: str, tmp_path: Path) -> AsyncIterator[World]:
    async with smtp_server() as smtp:
        settings = {
            "smtp_host": "127.0.0.1",
            "smtp_port": smtp.port,
            "message_file": tmp_path / "spool",
        }
        async with running(SERVICE, postgres_dsn, settings=settings) as service:
            perform = perform_with_settings(service.service.settings)
            runner = CallRunner(
                service.database, kind=KIND, perform=perform, complete=messages_answered
            )
            yield World(service, smtp, tmp_path / "spool", runner)
            await runner.stop()


async def test_email_goes_to_the_server_and_the_message_says_so(world: World) -> None:
    href = await world.post(AN_EMAIL)

    await world.runner.start()
    message = await world.ended(href)

    [email] = world.smtp.received
    assert message["state"] == "completed"
    assert message["sendTimeComplete"].endswith("Z")
    assert email["To"] == "ada@example.com"
    assert email["From"] == "shop@example.com"
    assert email["Subject"] == "Fibre"
    assert email["Message-ID"] == f"<{message['id']}@localhost>"
    assert email.get_content().strip() == "Your fibre is ready."
    [_, event] = await world.service.published()
    assert event.type == "CommunicationMessageStateChangeEvent"
    assert event.body["event"]["communicationMessage"] == message


async def test_other_messages_become_lines_of_the_file(world: World) -> None:
    hrefs = [await world.post({**A_TEXT, "content": f"text {n}"}) for n in range(3)]

    await world.runner.start()
    ended = [await world.ended(href) for href in hrefs]

    lines = [orjson.loads(line) for line in world.spool.read_bytes().splitlines()]
    assert {m["state"] for m in ended} == {"completed"}
    assert {line["content"] for line in lines} == {"text 0", "text 1", "text 2"}


async def test_busy_server_is_asked_again(world: World) -> None:
    world.smtp.refusals = ["451 later"]
    href = await world.post(AN_EMAIL)

    await world.runner.start()

    assert (await world.ended(href))["state"] == "completed"
    assert len(world.smtp.received) == 1


async def test_message_fails_after_the_tries_it_allows(world: World) -> None:
    world.smtp.refusals = ["451 later"] * 10
    href = await world.post({**AN_EMAIL, "tryTimes": 2})

    await world.runner.start()
    message = await world.ended(href)

    assert message["state"] == "failed"
    assert "451" in message["statusReason"]
    assert len(world.smtp.refusals) == 8
    assert world.smtp.received == []


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"receiver": [{"id": "1"}]}, "no receiver has an e-mail address"),
        ({"subject": "a\nBcc: everyone@example.com"}, "not an e-mail"),
        ({"receiver": [{"email": "nobody@example.com"}]}, "every receiver is refused"),
    ],
    ids=["no address", "header injection", "refused"],
)
async def test_what_can_never_be_delivered_fails_at_once(
    world: World, changes: dict[str, Any], why: str
) -> None:
    world.smtp.refusals = ["550 unknown"]
    href = await world.post({**AN_EMAIL, **changes})

    await world.runner.start()
    message = await world.ended(href)

    assert message["state"] == "failed"
    assert why in message["statusReason"]
    assert world.smtp.received == []


async def test_repeated_post_sends_once(world: World) -> None:
    headers = {"Idempotency-Key": "m1"}
    for _ in range(3):
        answer = await world.service.client.post(MESSAGES, json=AN_EMAIL, headers=headers)

    await world.runner.start()
    await world.ended(answer.json()["href"])

    assert len(world.smtp.received) == 1


async def test_cancelled_message_is_not_sent(world: World) -> None:
    cancelled = await world.post(AN_EMAIL)
    deleted = await world.post(AN_EMAIL)
    other = await world.post(AN_EMAIL)

    answer = await world.service.client.patch(cancelled, json={"state": "cancelled"})
    gone = await world.service.client.delete(deleted)
    await world.runner.start()
    await world.ended(other)

    assert (answer.status_code, gone.status_code) == (200, 204)
    assert (await world.read(cancelled))["state"] == "cancelled"
    assert len(world.smtp.received) == 1


async def test_only_the_channel_says_that_a_message_was_delivered(world: World) -> None:
    href = await world.post(AN_EMAIL)

    answer = await world.service.client.patch(href, json={"state": "completed"})

    assert answer.status_code == 409
    assert answer.json()["code"] == "communicationMessageStateNotSettable"
    assert (await world.read(href))["state"] == "initial"


async def test_sent_message_can_not_be_cancelled(world: World) -> None:
    href = await world.post(AN_EMAIL)
    await world.runner.start()
    await world.ended(href)

    answer = await world.service.client.patch(href, json={"state": "cancelled"})

    assert (answer.status_code, answer.json()["code"]) == (409, "illegalStateMove")


async def test_message_waits_for_its_time(world: World) -> None:
    href = await world.post({**AN_EMAIL, "scheduledSendTime": "2199-01-01T00:00:00Z"})
    timers = TimerRunner(world.service.database, kind=KIND, fire=scheduled_time_came)

    assert await timers.fire_due() == 0
    await world.service.database.pool.execute("UPDATE timer SET due_at = now()")
    assert await timers.fire_due() == 1
    await world.runner.start()

    assert (await world.ended(href))["state"] == "completed"


async def test_message_without_a_channel_says_so(world: World) -> None:
    perform = perform_with_settings(
        CustomerSettings(database_url="", port=1, KAFKA_BOOTSTRAP_SERVERS="")
    )
    runner = CallRunner(
        world.service.database, kind=KIND, perform=perform, complete=messages_answered
    )
    href = await world.post(A_TEXT)

    await runner.start()
    message = await world.ended(href)
    await runner.stop()

    assert message["statusReason"] == "no channel is set up for SMS"
