"""The VAS platform's subscriptions and its rules; no HTTP, no XML."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from outside_program.activity import Activity
from outside_program.behaviour import Behaviour, Outcome

from vas_platform.xml_format import VasRequest, VasResponse

SERVICE_CODES = frozenset({"RBT", "MCA", "VMB"})
"""Ring-back tone, missed call alert, voice mail box."""

OK = ("0000", "OK")
ALREADY_DONE = ("0001", "Already done")
UNKNOWN_SERVICE = ("2001", "Unknown service code")
_REFUSALS: Mapping[Outcome, tuple[str, str]] = {
    "reject": ("2002", "Subscriber barred"),
    "unavailable": ("5001", "Temporarily unavailable"),
    "fail": ("5002", "Internal fault"),
}


@dataclass(frozen=True, slots=True)
class _Subscription:
    subscription_id: str
    request: VasRequest


class VasPlatform:
    """Which numbers are subscribed to which services.

    A request takes effect when it arrives; only its answer waits for the latency. A transaction
    that was done is remembered for ever: sent again, it gets the same subscription id and
    changes nothing, even if the subscription has ended since.
    """

    def __init__(
        self, behaviour: Behaviour, *, service_codes: frozenset[str] = SERVICE_CODES
    ) -> None:
        self.behaviour = behaviour
        self.activity = Activity()
        self._service_codes = service_codes
        self._subscriptions: dict[tuple[str, str], _Subscription] = {}
        # A sender may end a subscription under the id of the transaction that began it, so the
        # operation is part of the key.
        self._done: dict[tuple[str, str], str] = {}

    def provision(self, request: VasRequest) -> VasResponse:
        """Do a request, once per transaction id and operation however often it is sent."""
        self.activity.requests += 1
        decision = self.behaviour.decide(request.facts)
        subscription_id = ""
        if decision.outcome != "ok":
            self.activity.count_refusal(decision.outcome)
            result = _REFUSALS[decision.outcome]
        elif request.service_code not in self._service_codes:
            self.activity.count_refusal("reject")
            result = UNKNOWN_SERVICE
        else:
            result, subscription_id = self._do(request)
        return VasResponse(
            request.transaction_id, *result, subscription_id, latency_ms=decision.latency_ms
        )

    def active(self) -> Sequence[object]:
        """Every subscription in JSON terms, oldest first."""
        return [
            {
                "subscriptionId": subscription.subscription_id,
                "transactionId": subscription.request.transaction_id,
                "msisdn": subscription.request.msisdn,
                "serviceCode": subscription.request.service_code,
                "parameters": dict(subscription.request.parameters),
            }
            for subscription in self._subscriptions.values()
        ]

    def _do(self, request: VasRequest) -> tuple[tuple[str, str], str]:
        transaction = (request.transaction_id, request.operation)
        if transaction in self._done:
            self.activity.duplicates += 1
            return ALREADY_DONE, self._done[transaction]
        perform = self._subscribe if request.operation == "SUBSCRIBE" else self._unsubscribe
        result, subscription_id = perform(request)
        self._done[transaction] = subscription_id
        return result, subscription_id

    def _subscribe(self, request: VasRequest) -> tuple[tuple[str, str], str]:
        """Subscribe; a number has at most one subscription to a service."""
        known = self._subscriptions.get((request.msisdn, request.service_code))
        if known is not None:
            self.activity.duplicates += 1
            return ALREADY_DONE, known.subscription_id
        self.activity.activations += 1
        subscription = _Subscription(f"SUB{self.activity.activations:08d}", request)
        self._subscriptions[request.msisdn, request.service_code] = subscription
        return OK, subscription.subscription_id

    def _unsubscribe(self, request: VasRequest) -> tuple[tuple[str, str], str]:
        known = self._subscriptions.pop((request.msisdn, request.service_code), None)
        if known is None:
            self.activity.duplicates += 1
            return ALREADY_DONE, ""
        self.activity.deactivations += 1
        return OK, known.subscription_id
