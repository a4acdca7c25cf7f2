"""The network element's state and its rules; no HTTP."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from outside_program.activity import Activity
from outside_program.behaviour import Behaviour, Decision, Outcome

from network_element.operations import ActivateOperation, facts_of


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer in HTTP's terms, and how long the element takes before it gives it."""

    status: int
    body: Mapping[str, object]
    latency_ms: float = 0


@dataclass(frozen=True, slots=True)
class _Activation:
    operation: ActivateOperation
    activated_at: str


_REFUSALS: Mapping[Outcome, tuple[int, str, str, bool]] = {
    "unavailable": (503, "unavailable", "The element is busy, try again", True),
    "fail": (500, "elementFault", "The element could not do it", False),
    "reject": (422, "rejected", "The element refuses this service", False),
}


class NetworkElement:
    """Which services are active, and on which numbers, SIMs and ports.

    A change takes effect when its request arrives and only the answer waits for the latency, so
    requests take effect in the order of their arrival even when their sender has given up.
    """

    def __init__(self, behaviour: Behaviour) -> None:
        self.behaviour = behaviour
        self.activity = Activity()
        self._activations: dict[str, _Activation] = {}
        self._holder: dict[tuple[str, str], str] = {}

    def activate(self, operation: ActivateOperation) -> Answer:
        """Activate a service, once per activation id however often it is asked.

        A resource held by another activation is refused with 409 `resourceInUse`.
        """
        self.activity.requests += 1
        decision = self.behaviour.decide(operation.facts)
        if decision.outcome != "ok":
            return self._refuse(decision)
        known = self._activations.get(operation.activation_id)
        if known is not None:
            self.activity.duplicates += 1
            return _activated(known, decision)
        for resource in operation.resources:
            if self._holder.get(resource, operation.activation_id) != operation.activation_id:
                return self._refuse_resource(resource, decision)
        return _activated(self._store(operation), decision)

    def deactivate(self, activation_id: str) -> Answer:
        """Deactivate a service and free what it held; one that is not active stays so."""
        self.activity.requests += 1
        known = self._activations.get(activation_id)
        body = known.operation.body if known else {}
        decision = self.behaviour.decide(lambda: facts_of("deactivate", activation_id, body))
        if decision.outcome != "ok":
            return self._refuse(decision)
        if known is None:
            self.activity.duplicates += 1
        else:
            self.activity.deactivations += 1
            del self._activations[activation_id]
            for resource in known.operation.resources:
                self._holder.pop(resource, None)
        answer = {"activationId": activation_id, "status": "inactive"}
        return Answer(200, answer, decision.latency_ms)

    def retrieve(self, activation_id: str) -> Answer:
        """Tell what is active under an id; for a sender that lost the answer."""
        known = self._activations.get(activation_id)
        if known is None:
            return error_answer(404, "notActive", f"Nothing is active under {activation_id}")
        return Answer(200, _representation(known))

    def active(self) -> Sequence[object]:
        """Every activation with what it was asked for, oldest first."""
        return [_representation(activation) for activation in self._activations.values()]

    def _store(self, operation: ActivateOperation) -> _Activation:
        activated_at = datetime.now(UTC).isoformat(timespec="milliseconds")
        activation = _Activation(operation, activated_at.replace("+00:00", "Z"))
        self._activations[operation.activation_id] = activation
        for resource in operation.resources:
            self._holder[resource] = operation.activation_id
        self.activity.activations += 1
        return activation

    def _refuse(self, decision: Decision) -> Answer:
        self.activity.count_refusal(decision.outcome)
        status, code, message, retryable = _REFUSALS[decision.outcome]
        return error_answer(
            status, code, message, retryable=retryable, latency_ms=decision.latency_ms
        )

    def _refuse_resource(self, resource: tuple[str, str], decision: Decision) -> Answer:
        self.activity.count_refusal("reject")
        kind, value = resource
        message = f"{kind} {value} is active under {self._holder[resource]}"
        return error_answer(409, "resourceInUse", message, latency_ms=decision.latency_ms)


def error_answer(
    status: int, code: str, message: str, *, retryable: bool = False, latency_ms: float = 0
) -> Answer:
    """Make the element's error answer."""
    error = {"code": code, "message": message, "retryable": retryable}
    return Answer(status, {"error": error}, latency_ms)


def _activated(activation: _Activation, decision: Decision) -> Answer:
    body = {
        "activationId": activation.operation.activation_id,
        "status": "active",
        "activatedAt": activation.activated_at,
    }
    return Answer(200, body, decision.latency_ms)


def _representation(activation: _Activation) -> dict[str, object]:
    return {
        **activation.operation.body,
        "activationId": activation.operation.activation_id,
        "status": "active",
        "activatedAt": activation.activated_at,
    }
