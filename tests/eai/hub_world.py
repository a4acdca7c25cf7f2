"""What the tests of webhooks share: the service, a registration, what is seen of it."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from ipaddress import IPv4Network
from typing import Any

from eai_svc.service import SERVICE as EAI

from tests.eai.receiver import Posted, Receiver
from tests.harness import Harness, running

HUB = "/tmf-api/event/v4/hub"
# Generous: the machine may be busy with other tests.
SECONDS = 25.0
SETTINGS: dict[str, Any] = {
    "hub_allowed_networks": (IPv4Network("127.0.0.0/8"),),
    "hub_first_pause_seconds": 0.05,
    "hub_attempts": 3,
}


def eai(
    dsn: str,
    kafka: str,
    *,
    database: str | None = None,
    roles: Sequence[str] = ("api", "relay", "consumer"),
    **settings: Any,
) -> AbstractAsyncContextManager[Harness]:
    """eai-svc, allowed to post to this machine and quick to try again."""
    return running(
        EAI, dsn, kafka=kafka, roles=roles, settings={**SETTINGS, **settings}, database=database
    )


async def register(harness: Harness, receiver: Receiver, **body: Any) -> dict[str, Any]:
    answer = await harness.client.post(HUB, json={"callback": f"{receiver.url}/tmf", **body})
    assert answer.status_code == 201, answer.text
    hub: dict[str, Any] = answer.json()
    return hub


async def seen(harness: Harness, hub: dict[str, Any]) -> dict[str, Any]:
    """The subscription as `/ops/hub/{id}` shows it, or the problem that says there is none."""
    answer = await harness.client.get(f"/ops/hub/{hub['id']}")
    assert answer.status_code in (200, 404), answer.text
    body: dict[str, Any] = answer.json()
    return body


async def state_of(harness: Harness, hub: dict[str, Any]) -> object:
    return (await seen(harness, hub)).get("state")


def versions(posted: Sequence[Posted]) -> dict[str, list[int]]:
    """By resource, the versions in the order they came."""
    found: dict[str, list[int]] = {}
    for one in posted:
        found.setdefault(one.key, []).append(int(one.headers["ce-sequence"]))
    return found
