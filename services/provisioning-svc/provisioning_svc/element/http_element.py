"""The network element's JSON over HTTP: one round trip for a batch of operations."""

from collections.abc import Mapping, Sequence
from typing import Any

import httpx
import orjson

from provisioning_svc.element.port import Operation, OperationResult

_TIMEOUT_SECONDS = 5.0
_LIMITS = httpx.Limits(max_connections=16, max_keepalive_connections=16)


def element_client(base_url: str) -> httpx.AsyncClient:
    """The one client of a process."""
    return httpx.AsyncClient(base_url=base_url, timeout=_TIMEOUT_SECONDS, limits=_LIMITS)


class HttpNetworkElement:
    """`wait_ms` bounds how long slow members may hold back the answers of the others."""

    def __init__(self, client: httpx.AsyncClient, *, wait_ms: int) -> None:
        self._client = client
        self._wait_ms = wait_ms

    async def perform(self, operations: Sequence[Operation]) -> Sequence[OperationResult]:
        """Ask for all of them; when the element can't be asked, all are worth another try."""
        request = orjson.dumps({"waitMs": self._wait_ms, "operations": list(operations)})
        try:
            answer = await self._client.post(
                "/activations/batch",
                content=request,
                headers={"content-type": "application/json"},
            )
        except httpx.HTTPError as error:
            return _all_again(operations, "elementUnreachable", repr(error))
        if answer.status_code != 200:
            return _all_again(operations, "elementUnavailable", f"status {answer.status_code}")
        return read_results(answer.content, operations)


def read_results(content: bytes, operations: Sequence[Operation]) -> Sequence[OperationResult]:
    """The answer to a batch; one that can't be read leaves everything open."""
    try:
        results = orjson.loads(content)["results"]
        if len(results) != len(operations):
            raise ValueError(f"{len(results)} results")
        return [read_result(result) for result in results]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        return _all_again(operations, "elementUnreadable", repr(error))


def read_result(result: Mapping[str, Any]) -> OperationResult:
    """One member's result by its status and, for errors, by what the element says of them."""
    status = result["httpStatus"]
    if status == 200:
        return OperationResult("done", activated_at=result.get("activatedAt"))
    if status == 202:
        return OperationResult("pending", "elementPending", "The element has not done it yet")
    error = result["error"]
    code, message = str(error["code"]), str(error["message"])
    if error.get("retryable"):
        return OperationResult("again", code, message)
    if status == 422:
        return OperationResult("rejected", "elementRefused", message)
    return OperationResult("failed", code, message)


def _all_again(
    operations: Sequence[Operation], code: str, message: str
) -> Sequence[OperationResult]:
    return [OperationResult("again", code, message)] * len(operations)
