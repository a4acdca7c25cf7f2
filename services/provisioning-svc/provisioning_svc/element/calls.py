"""The durable calls to the element: what a call asks, and when an answer is final."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from dualbus_events.calls import Answer, Call, NewCall, Perform
from dualbus_kit.clock import timestamp, utc_now
from dualbus_kit.settings import ServiceSettings

from provisioning_svc.element.http_element import HttpNetworkElement, element_client
from provisioning_svc.element.port import NetworkElement, Operation, OperationResult
from provisioning_svc.settings import ProvisioningSettings

KIND = "element"
_PATIENCE = timedelta(minutes=5)
"""How long what the element works on is asked for where no task has a deadline."""


def element_call(
    *,
    purpose: str,
    key: str,
    call_id: str,
    service_order_id: str,
    deadline: str,
    operations: Sequence[Operation],
    more: Mapping[str, Any] | None = None,
) -> NewCall:
    """A call for one service order. `call_id` is the task it serves; `purpose` says what comes
    after, and `more` is kept for that.

    Keyed by the product, or by the order of a channel, so that what undoes an activation is asked
    after it.
    """
    request: dict[str, Any] = {
        "purpose": purpose,
        "serviceOrderId": service_order_id,
        "deadline": deadline,
        "operations": list(operations),
        **(more or {}),
    }
    return NewCall(kind=KIND, key=key, call_id=call_id, request=request)


def deadline_without_task() -> str:
    """The deadline of a call that serves no task of the EAI bus."""
    return timestamp(utc_now() + _PATIENCE)


def perform_with_settings(settings: ServiceSettings) -> Perform:
    """Calls to the element that the settings name."""
    if not isinstance(settings, ProvisioningSettings):
        raise TypeError("provisioning-svc runs with ProvisioningSettings")
    element = HttpNetworkElement(
        element_client(settings.network_element_url), wait_ms=settings.element_wait_ms
    )
    return perform_on(element, attempts=settings.element_attempts)


def perform_on(
    element: NetworkElement, *, attempts: int, now: Callable[[], datetime] = utc_now
) -> Perform:
    """Ask the element for the operations of all calls at once."""

    async def perform(calls: Sequence[Call]) -> Sequence[Answer]:
        operations = [operation for call in calls for operation in call.request["operations"]]
        results = iter(await element.perform(operations) if operations else [])
        moment = now()
        return [
            answer_of(
                call,
                [next(results) for _ in call.request["operations"]],
                attempts=attempts,
                now=moment,
            )
            for call in calls
        ]

    return perform


def answer_of(
    call: Call, results: Sequence[OperationResult], *, attempts: int, now: datetime
) -> Answer:
    """The answer of a call from those of its operations: done only when all of them are.

    What is worth another try gets `attempts` of them. What is pending is asked for until the
    task's deadline: the element works on it, and a late success is better than a false failure.
    """
    by_kind = {result.kind: result for result in reversed(results)}
    unsettled = by_kind.get("pending") or by_kind.get("again")
    if unsettled is not None:
        patient = unsettled.kind == "pending" and now < _deadline(call)
        if patient or call.attempts < attempts:
            return Answer({}, again=True)
        return _not_done("failed", unsettled)
    for kind in ("failed", "rejected"):
        if kind in by_kind:
            return _not_done(kind, by_kind[kind])
    moments = [result.activated_at for result in results if result.activated_at]
    return Answer({"outcome": "done", "activatedAt": max(moments, default=None)})


def _not_done(outcome: str, result: OperationResult) -> Answer:
    return Answer({"outcome": outcome, "code": result.code, "message": result.message})


def _deadline(call: Call) -> datetime:
    try:
        deadline = datetime.fromisoformat(call.request["deadline"])
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)
    return deadline if deadline.tzinfo else deadline.replace(tzinfo=UTC)
