"""What the element's answers mean, and when a call's answer is final."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from dualbus_events.calls import Call
from dualbus_kit.causation import Cause
from dualbus_kit.clock import timestamp
from provisioning_svc.element.calls import answer_of
from provisioning_svc.element.http_element import HttpNetworkElement
from provisioning_svc.element.port import OperationResult

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
DONE = OperationResult("done", activated_at="2026-01-01T11:59:59.000Z")
PENDING = OperationResult("pending", "elementPending", "not yet")
AGAIN = OperationResult("again", "unavailable", "busy")
REJECTED = OperationResult("rejected", "elementRefused", "no")
FAILED = OperationResult("failed", "elementFault", "broken")


def a_call(*, attempts: int = 1, deadline: datetime = NOW + timedelta(seconds=30)) -> Call:
    request = {"deadline": timestamp(deadline), "operations": []}
    return Call(1, "p-1", "t-1", request, attempts, Cause("c-1"))


@pytest.mark.parametrize(
    ("results", "outcome"),
    [
        ([DONE], "done"),
        ([DONE, DONE], "done"),
        ([], "done"),
        ([DONE, REJECTED], "rejected"),
        ([REJECTED, FAILED], "failed"),
    ],
)
def test_call_is_done_only_when_all_of_it_is(
    results: Sequence[OperationResult], outcome: str
) -> None:
    answer = answer_of(a_call(), results, attempts=3, now=NOW)

    assert answer.body["outcome"] == outcome


@pytest.mark.parametrize("result", [PENDING, AGAIN])
def test_unsettled_call_is_made_again(result: OperationResult) -> None:
    assert answer_of(a_call(attempts=2), [DONE, result], attempts=3, now=NOW).again


def test_tries_of_an_unavailable_element_are_counted() -> None:
    answer = answer_of(a_call(attempts=3), [AGAIN], attempts=3, now=NOW)

    assert answer.body == {"outcome": "failed", "code": "unavailable", "message": "busy"}


def test_pending_operation_is_waited_for_until_the_deadline() -> None:
    waiting = answer_of(a_call(attempts=99), [PENDING], attempts=3, now=NOW)
    late = answer_of(a_call(attempts=99, deadline=NOW), [PENDING], attempts=3, now=NOW)

    assert waiting.again
    assert late.body["code"] == "elementPending"


def test_task_that_comes_after_its_deadline_still_gets_its_tries() -> None:
    call = a_call(attempts=1, deadline=NOW - timedelta(hours=1))

    assert answer_of(call, [PENDING], attempts=3, now=NOW).again


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b"{}", b'{"results": []}', b'{"results": [{}]}', b'{"results": [null]}',
     b'{"results": [{"httpStatus": 500}]}'],
)  # fmt: skip
async def test_answer_that_can_not_be_read_leaves_everything_open(content: bytes) -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(200, content=content))
    async with httpx.AsyncClient(transport=transport, base_url="http://element") as client:
        element = HttpNetworkElement(client, wait_ms=100)

        [result] = await element.perform([{"op": "activate", "activationId": "a-1"}])

    assert result.kind == "again"
    assert result.code == "elementUnreadable"


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_element_that_answers_no_batch_is_asked_again(status: int) -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(status))
    async with httpx.AsyncClient(transport=transport, base_url="http://element") as client:
        results = await HttpNetworkElement(client, wait_ms=100).perform([{}, {}])

    assert [result.kind for result in results] == ["again", "again"]


async def test_element_that_can_not_be_reached_is_asked_again() -> None:
    async with httpx.AsyncClient(base_url="http://127.0.0.1:1") as client:
        [result] = await HttpNetworkElement(client, wait_ms=100).perform([{}])

    assert result.kind == "again"
    assert result.code == "elementUnreachable"
