"""Members of batches that were not waited for: their answers, kept until they are asked again."""

import time
from collections.abc import Callable
from dataclasses import replace

from network_element.element import Answer


class Unanswered:
    """Answers that are not due yet, by activation id: at most the last operation's of each."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._waiting: dict[str, tuple[object, Answer, float]] = {}

    def answer(self, operation: object, perform: Callable[[], Answer], wait_ms: float) -> Answer:
        """What an operation answers within `wait_ms`; 202 when that would take longer.

        One that is asked again is not performed again: it took effect when it first arrived.
        """
        activation_id, op = _identity(operation)
        waiting = self._waiting.get(activation_id) if activation_id else None
        if waiting is not None and waiting[0] == op:
            _, answer, due = waiting
            answer = replace(answer, latency_ms=max(0.0, (due - self._clock()) * 1000))
        else:
            answer = perform()
        if answer.latency_ms <= wait_ms:
            self._waiting.pop(activation_id, None)
            return answer
        due = self._clock() + answer.latency_ms / 1000
        self._waiting[activation_id] = (op, answer, due)
        return Answer(202, {"status": "pending"}, wait_ms)


def _identity(operation: object) -> tuple[str, object]:
    """The activation id, empty where there is none, and what is to be done with it."""
    if not isinstance(operation, dict) or not isinstance(operation.get("activationId"), str):
        return "", None
    return operation["activationId"], operation.get("op")
