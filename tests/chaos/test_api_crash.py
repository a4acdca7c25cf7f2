"""A service dies around the commit of a request, and its client asks again (bus.md 4, test 2)."""

from functools import partial

import httpx
import pytest
from dualbus_cli.embedded.ports import free_port
from dualbus_kit.ids import new_id

from tests.chaos.counter_api import PATH
from tests.chaos.trial import Trial
from tests.chaos.workload import Change
from tests.waiting import eventually

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(240)]


async def _answers(client: httpx.AsyncClient) -> bool:
    try:
        return (await client.get(PATH)).status_code == 200
    except httpx.TransportError:
        return False


@pytest.mark.case(
    number="2",
    fails="kill -9 of the API right before and right after the COMMIT of a POST, before its answer",
    promised="the client asks again with its Idempotency-Key: one resource, one event, one answer",
)
@pytest.mark.parametrize(("point", "replayed"), [("before_commit", False), ("after_commit", True)])
async def test_a_request_is_repeated_after_a_crash(
    trial: Trial, point: str, replayed: bool
) -> None:
    await trial.start("relay")
    await trial.start("consumer")
    port = free_port()
    dying = await trial.start("api", port=port, crash_at=f"{point}:1")
    key = {"Idempotency-Key": new_id()}
    body = {"count": 1, "nonce": "asked twice"}

    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
        await eventually(partial(_answers, client), seconds=60)
        with pytest.raises(httpx.TransportError):
            await client.post(PATH, json=body, headers=key)
        await dying.crashed()
        await trial.start("api", port=port)
        await eventually(partial(_answers, client), seconds=60)
        answers = [await client.post(PATH, json=body, headers=key) for _ in range(2)]

    first, second = answers
    assert first.status_code == second.status_code == 201
    assert first.json() == second.json()
    assert first.headers.get("Idempotent-Replayed") == ("true" if replayed else None)
    assert second.headers["Idempotent-Replayed"] == "true"
    created = Change(first.json()["id"], 1, "asked twice")
    await trial.pool.execute("INSERT INTO committed VALUES ($1, $2, $3)", *created)
    await trial.drained()
    await trial.verdict()
