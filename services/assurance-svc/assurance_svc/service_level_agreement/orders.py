"""What a task's payload says about the service to watch: the JSON edge of the EAI bus."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dualbus_events.document import Reference, RelatedParty, TimePeriod, party_in_role
from dualbus_events.tasks import Task
from dualbus_kit.clock import utc_now
from dualbus_kit.errors import Invalid
from pydantic import ValidationError


class UnreadableTask(Invalid):
    code = "unreadableTask"
    reason = "The task's payload can't be read"


@dataclass(frozen=True)
class WatchOrder:
    """One item of a product order, as assurance needs it."""

    task: Task
    product: Reference | None
    specification_id: str | None
    """The service level specification that the offering promises; None when it promises none."""
    service: Reference | None
    resources: list[Reference]
    customer: RelatedParty | None
    since: datetime
    until: datetime

    @classmethod
    def of(cls, task: Task) -> "WatchOrder":
        """Raises UnreadableTask, which parks the process's key."""
        payload = task.payload
        promised = _object(_object(payload.get("productOffering")).get("serviceLevelAgreement"))
        activation, cessation = _result(payload, "service"), _result(payload, "ceasedAt")
        product = _object(_object(payload.get("item")).get("product"))
        try:
            return cls(
                task=task,
                product=_reference(product, "Product"),
                specification_id=str(promised["id"]) if promised.get("id") else None,
                service=_reference(_object(activation.get("service")), "Service"),
                resources=[
                    Reference.model_validate({**_named(one), "@referredType": "Resource"})
                    for one in activation.get("resource") or []
                ],
                customer=_customer(payload),
                since=_moment(activation.get("activatedAt")),
                until=_moment(cessation.get("ceasedAt")),
            )
        except (ValidationError, TypeError, AttributeError) as error:
            raise UnreadableTask(f"task {task.task_id}: {error}") from error


def _result(payload: Mapping[str, Any], attribute: str) -> Mapping[str, Any]:
    """The result that has the attribute, whatever the plan calls the task that gave it."""
    results = _object(payload.get("results")).values()
    return next((one for one in map(_object, results) if attribute in one), {})


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _named(body: Mapping[str, Any]) -> dict[str, Any]:
    return {name: body[name] for name in ("id", "href", "name") if body.get(name) is not None}


def _reference(body: Mapping[str, Any], referred_type: str) -> Reference | None:
    if body.get("id") is None:
        return None
    return Reference.model_validate({**_named(body), "@referredType": referred_type})


def _customer(payload: Mapping[str, Any]) -> RelatedParty | None:
    """The related party in the role of customer, or whom the order is known to be for."""
    parties = [RelatedParty.model_validate(one) for one in payload.get("relatedParty") or []]
    party, customer_id = party_in_role(parties, "customer"), payload.get("customerId")
    if party is None and customer_id:
        body = {"id": customer_id, "role": "customer", "@referredType": "Customer"}
        return RelatedParty.model_validate(body)
    return party


def _moment(text: object) -> datetime:
    if text is None:
        return utc_now()
    return TimePeriod.model_validate({"startDateTime": text}).start_date_time or utc_now()
