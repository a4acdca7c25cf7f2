"""What a task asks of provisioning, read from its payload and checked."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dualbus_events.document import Characteristic, RelatedParty, party_in_role
from dualbus_events.tasks import Task
from dualbus_kit.errors import Invalid
from pydantic import ValidationError


class MalformedTask(Invalid):
    code = "malformedTask"
    reason = "The task's payload is not what this task needs"


@dataclass(frozen=True)
class ProductRequest:
    """One product to provision, for one task."""

    task: Task
    product_id: str
    name: str
    specification_ids: tuple[str, ...]
    characteristics: list[Characteristic]
    customer: list[RelatedParty] | None

    @property
    def product_reference(self) -> RelatedParty:
        """How a service names the product it realizes."""
        return RelatedParty(id=self.product_id, role="product", referred_type="Product")


def read_request(task: Task) -> ProductRequest:
    """Raises MalformedTask, naming what is missing."""
    payload = task.payload
    try:
        product = payload["item"]["product"]
        specification = payload.get("productSpecification") or {}
        return ProductRequest(
            task=task,
            product_id=str(product["id"]),
            name=str(specification.get("name") or product.get("name") or "Service"),
            specification_ids=_specification_ids(specification),
            characteristics=[
                Characteristic.model_validate(one)
                for one in product.get("productCharacteristic") or []
            ],
            customer=_customer(payload, task.customer_id),
        )
    except (KeyError, TypeError, AttributeError, ValidationError) as error:
        raise MalformedTask(f"{task.type}: {error!r}") from error


def undone_task_id(task: Task) -> str:
    """The id of the task that an undo takes back. Raises MalformedTask."""
    undone = task.payload.get("undoes")
    if not isinstance(undone, str):
        raise MalformedTask(f"{task.type}: undoes is missing")
    return undone


def _specification_ids(specification: Mapping[str, Any]) -> tuple[str, ...]:
    references = specification.get("serviceSpecification") or []
    return tuple(str(reference["id"]) for reference in references)


def _customer(payload: Mapping[str, Any], customer_id: str | None) -> list[RelatedParty] | None:
    """The customer alone: the other parties of the order are none of the network's business."""
    parties = [RelatedParty.model_validate(one) for one in payload.get("relatedParty") or []]
    customer = party_in_role(parties, "customer")
    if customer is not None:
        return [customer]
    named = payload.get("customerId") or customer_id
    return [RelatedParty(id=str(named), role="customer")] if named else None
