"""An order for resources: what its items came to decides what it came to."""

from collections.abc import Mapping
from datetime import datetime

from dualbus_events.aggregate import Aggregate
from dualbus_events.contract.resource_order import ResourceOrder as ResourceOrderDocument
from dualbus_events.contract.resource_order import (
    ResourceOrderCreateEvent,
    ResourceOrderItem,
    ResourceOrderState,
    ResourceOrderStateChangeEvent,
)
from dualbus_events.document import RelatedParty, customer_of, party_in_role
from dualbus_kit.errors import Conflict
from dualbus_tmf.state_machines import RESOURCE_ORDER

from provisioning_svc.problem import Problem

_SETTLED = ("completed", "failed")


class ResourceOrderNotCancellable(Conflict):
    code = "resourceOrderNotCancellable"
    reason = "The resource order can no longer be cancelled"


class ResourceOrder(Aggregate[ResourceOrderDocument]):
    """Resources to reserve from their pools, and to give back."""

    document_type = ResourceOrderDocument

    @property
    def customer_id(self) -> str | None:
        return customer_of(self.document.related_party)

    @property
    def customer(self) -> list[RelatedParty] | None:
        """The customer alone, as what is reserved names them."""
        customer = party_in_role(self.document.related_party, "customer")
        return [customer] if customer else None

    @property
    def as_holder(self) -> RelatedParty:
        """As a resource names the order that holds it."""
        document = self.document
        return RelatedParty(
            id=document.id, href=document.href, role="resourceOrder", referred_type="ResourceOrder"
        )

    @property
    def waits(self) -> bool:
        return self.document.state in ("pending", "held")

    @property
    def open_items(self) -> list[ResourceOrderItem]:
        """What is still to be done."""
        return [item for item in self.document.order_item if item.state not in _SETTLED]

    @property
    def completed_items(self) -> list[ResourceOrderItem]:
        return [item for item in self.document.order_item if item.state == "completed"]

    def take(self) -> None:
        """All of it can be done, now or later."""
        for item in self.document.order_item:
            item.state = "acknowledged"
        self.record(ResourceOrderCreateEvent)

    def reject(self, problems: Mapping[str, Problem]) -> None:
        """One item that can't be done rejects the order, and nothing is done (TMF652 v4)."""
        self.document.state = "rejected"
        for item in self.document.order_item:
            item.state = "rejected"
            if item.id in problems:
                explain(item, problems[item.id])
        self.record(ResourceOrderCreateEvent)

    def start(self, at: datetime) -> None:
        """Begin, or go on with what waited."""
        self.document.start_date = self.document.start_date or at
        for item in self.open_items:
            item.state = "inProgress"
        self._move_to("inProgress")

    def wait(self) -> None:
        """Until the date that was asked for."""
        for item in self.open_items:
            item.state = "pending"
        self._move_to("pending")

    def settle(self, at: datetime) -> None:
        """Every item was tried: completed, failed, both, or some still wait."""
        states = {item.state for item in self.document.order_item}
        if "pending" in states:
            self._move_to("pending")
            return
        self.document.completion_date = at
        self._move_to(
            "partial" if len(states) > 1 else "completed" if "completed" in states else "failed"
        )

    def check_cancellable(self) -> None:
        """Raise ResourceOrderNotCancellable unless it waits."""
        if not RESOURCE_ORDER.allows(self.document.state, "cancelled"):
            raise ResourceOrderNotCancellable(
                f"Resource order {self.id} is {self.document.state} and can't move to cancelled",
                extra={"from": self.document.state, "to": "cancelled"},
            )

    def cancel(self, at: datetime, *, reason: str | None) -> None:
        """What it held is given back, and the rest is not done."""
        for item in self.document.order_item:
            item.state = "cancelled"
            item.assigned_resource = None
        self.document.cancellation_date = at
        self.document.cancellation_reason = reason
        self._move_to("cancelled")

    def _move_to(self, state: ResourceOrderState) -> None:
        RESOURCE_ORDER.check(self.document.state, state, resource_id=self.id)
        self.document.state = state
        self.record(ResourceOrderStateChangeEvent)


def explain(item: ResourceOrderItem, problem: Problem) -> None:
    """Say on the item why it is not done."""
    item.error_message = [problem.as_error()]
