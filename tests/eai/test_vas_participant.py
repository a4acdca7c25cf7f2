"""Participant `vas`: tasks go to the platform and are answered, once, whatever happens between."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from dualbus_events.calls import CallRunner
from dualbus_events.tasks import Task
from eai_svc.adapters.adapter import answer_calls, perform_with
from eai_svc.adapters.vas.http_platform import ask_through
from eai_svc.service import SERVICE
from outside_program.behaviour import Behaviour, BehaviourSettings
from vas_platform.endpoints import create_vas_platform_app
from vas_platform.platform import VasPlatform

from tests.eai.vas import later, subscription, undo_of
from tests.harness import Harness, replies_in, running, task_messages


class Participant:
    """The service and the platform it asks."""

    def __init__(self, harness: Harness) -> None:
        self.harness = harness
        platform = VasPlatform(Behaviour(BehaviourSettings(latency_ms=0)))
        transport = httpx.ASGITransport(app=create_vas_platform_app(platform))
        self.platform = httpx.AsyncClient(transport=transport, base_url="http://vas")

    async def behave(self, **settings: Any) -> None:
        answer = await self.platform.put("/admin/behaviour", json=settings)
        assert answer.status_code == 200, answer.text

    async def deliver(self, *tasks: Task) -> None:
        await self.harness.deliver(*task_messages(*tasks))

    async def do(
        self, *tasks: Task, attempts: int = 3, batch_seconds: float = 2.0
    ) -> list[dict[str, Any]]:
        """Deliver tasks, ask the platform until no call is left; the replies in order."""
        await self.deliver(*tasks)
        ask = ask_through(self.platform, batch_seconds=batch_seconds)
        runner = CallRunner(
            self.harness.database,
            kind="vas",
            perform=perform_with(ask, attempts=attempts),
            complete=answer_calls,
        )
        await runner.start()
        pool = self.harness.database.pool
        while await pool.fetchval("SELECT count(*) FROM outbound_call"):  # noqa: ASYNC110
            await asyncio.sleep(0.005)
        await runner.stop()
        replies = replies_in(await self.harness.published())
        return [replies[task.task_id] for task in tasks]

    async def active(self) -> list[dict[str, Any]]:
        active: list[dict[str, Any]] = (await self.platform.get("/admin/active")).json()["active"]
        return active


@pytest.fixture
async def vas(postgres_dsn: str) -> AsyncIterator[Participant]:
    async with running(SERVICE, postgres_dsn) as harness:
        participant = Participant(harness)
        async with participant.platform:
            yield participant


async def test_subscribed_number_has_the_service(vas: Participant) -> None:
    [reply] = await vas.do(subscription(number="+99550000042"))

    [active] = await vas.active()
    assert reply["outcome"] == "done"
    assert reply["result"] == {"subscriptionId": active["subscriptionId"]}
    assert active["msisdn"] == "+99550000042"


async def test_reply_carries_the_correlation_of_its_own_task(vas: Participant) -> None:
    tasks = [subscription(number="1"), subscription(number="2")]

    await vas.do(*tasks)

    replies = {p.body["taskId"]: p for p in await vas.harness.published("task-reply.order.v1")}
    assert [replies[task.task_id].headers["ce_correlationid"] for task in tasks] == [
        task.cause.correlation_id for task in tasks
    ]


async def test_redelivered_task_is_asked_once_and_answered_again(vas: Participant) -> None:
    task = subscription()
    await vas.do(task)
    await vas.harness.forget_published()

    [reply] = await vas.do(task)

    assert reply["outcome"] == "done"
    assert (await vas.platform.get("/admin/activity")).json()["requests"] == 1


async def test_refusals_and_faults_are_told_apart_and_concern_nobody_else(
    vas: Participant,
) -> None:
    rules = [
        {"match": {"msisdn": "1"}, "outcome": "reject"},
        {"match": {"msisdn": "2"}, "outcome": "fail"},
        {"match": {"msisdn": "3"}, "outcome": "unavailable", "times": 1},
    ]
    await vas.behave(latencyMs=0, rules=rules)
    numbered = [subscription(number=str(number)) for number in (1, 2, 3, 4)]
    unknown = subscription(characteristics={"vasServiceCode": "NONE"})

    replies = await vas.do(*numbered, unknown)

    assert [reply["outcome"] for reply in replies] == [
        "rejected", "failed", "done", "done", "rejected",
    ]  # fmt: skip
    assert replies[0]["error"]["code"] == "subscriberBarred"
    assert replies[1]["error"] == {
        "code": "vasFault",
        "message": "5002 Internal fault",
        "class": "technical",
        "retryable": False,
    }
    assert replies[4]["error"]["code"] == "unknownServiceCode"


async def test_platform_that_stays_unavailable_fails_the_task(vas: Participant) -> None:
    await vas.behave(latencyMs=0, rules=[{"match": {}, "outcome": "unavailable"}])

    [reply] = await vas.do(subscription(), attempts=2)

    assert reply["outcome"] == "failed"
    assert reply["error"]["code"] == "vasUnavailable"


async def test_unmappable_task_fails_and_its_neighbour_is_done(vas: Participant) -> None:
    nameless = subscription(number="")

    replies = await vas.do(nameless, subscription())

    assert [reply["outcome"] for reply in replies] == ["failed", "done"]
    assert replies[0]["error"]["code"] == "unmappableTask"


async def test_slow_number_does_not_keep_its_batch_from_being_done(vas: Participant) -> None:
    await vas.behave(latencyMs=0, rules=[{"match": {"msisdn": "1"}, "latencyMs": 400}])

    replies = await vas.do(subscription(number="1"), subscription(number="2"), batch_seconds=0.05)

    assert [reply["outcome"] for reply in replies] == ["done", "done"]
    assert (await vas.platform.get("/admin/activity")).json()["activations"] == 2


async def test_undo_ends_the_subscription_and_it_can_be_made_again(vas: Participant) -> None:
    task = subscription()
    await vas.do(task)

    [undone] = await vas.do(undo_of(task))
    gone = await vas.active()
    [renewed] = await vas.do(later("subscribe", task))

    assert undone["outcome"] == "done"
    assert gone == []
    assert renewed["outcome"] == "done"
    assert len(await vas.active()) == 1


async def test_undo_of_a_task_in_work_follows_it(vas: Participant) -> None:
    task = subscription()
    await vas.deliver(task)

    [undone] = await vas.do(undo_of(task))

    assert undone["outcome"] == "done"
    assert await vas.active() == []


async def test_undo_of_a_refused_task_is_done(vas: Participant) -> None:
    rule = {"match": {"operation": "SUBSCRIBE"}, "outcome": "reject"}
    await vas.behave(latencyMs=0, rules=[rule])
    task = subscription()
    await vas.do(task)

    [undone] = await vas.do(undo_of(task))

    assert undone["outcome"] == "done"


async def test_undo_before_its_task_asks_nothing_and_the_task_is_never_done(
    vas: Participant,
) -> None:
    task = subscription()

    [undone] = await vas.do(undo_of(task))
    [late] = await vas.do(task)

    assert undone["outcome"] == "done"
    assert late["outcome"] == "failed"
    assert late["error"]["code"] == "undone"
    assert (await vas.platform.get("/admin/activity")).json()["requests"] == 0


async def test_unsubscribed_number_has_the_service_no_more(vas: Participant) -> None:
    task = subscription()
    await vas.do(task)

    [reply] = await vas.do(later("unsubscribe", task))

    assert reply["outcome"] == "done"
    assert await vas.active() == []
