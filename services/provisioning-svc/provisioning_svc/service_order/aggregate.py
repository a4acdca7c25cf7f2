"""A service order: carried out, failed, or taken back."""

from collections.abc import Mapping
from datetime import datetime

from dualbus_events.aggregate import Aggregate
from dualbus_events.contract.provisioning import ServiceOrder as ServiceOrderDocument
from dualbus_events.contract.provisioning import (
    ServiceOrderAttributeValueChangeEvent,
    ServiceOrderCreateEvent,
    ServiceOrderState,
    ServiceOrderStateChangeEvent,
    ServiceRefOrValue,
)
from dualbus_events.document import RelatedParty, customer_of, party_in_role
from dualbus_kit.errors import Conflict
from dualbus_tmf.state_machines import SERVICE_ORDER

from provisioning_svc.problem import Problem

_CANCELLING = ("assessingCancellation", "pendingCancellation")
# One whose cancellation is assessed may yet end as failed; then it holds nothing either.
_UNDOABLE = ("completed", "failed", "assessingCancellation")


class ServiceOrderNotCancellable(Conflict):
    code = "serviceOrderNotCancellable"
    reason = "The service order can no longer be cancelled"


class ServiceOrder(Aggregate[ServiceOrderDocument]):
    """One task's work on the services of one product, or what a channel asked for."""

    document_type = ServiceOrderDocument

    @property
    def customer_id(self) -> str | None:
        return customer_of(self.document.related_party)

    @property
    def customer(self) -> list[RelatedParty] | None:
        """The customer alone: the other parties of the order are none of the network's business."""
        customer = party_in_role(self.document.related_party, "customer")
        return [customer] if customer else None

    @classmethod
    def started(cls, document: ServiceOrderDocument) -> "ServiceOrder":
        """An order that is worked on from the moment it is taken.

        TMF641 has it acknowledged first; both moves are one commit and only the last is told.
        """
        SERVICE_ORDER.check("acknowledged", document.state)
        order = cls(document)
        order.record(ServiceOrderCreateEvent)
        return order

    @property
    def services(self) -> list[ServiceRefOrValue]:
        return [item.service for item in self.document.service_order_item]

    @property
    def service_ids(self) -> list[str]:
        return _ids(self.services)

    @property
    def added(self) -> list[ServiceRefOrValue]:
        return self._services_to("add")

    @property
    def added_ids(self) -> list[str]:
        return _ids(self.added)

    @property
    def ended_ids(self) -> list[str]:
        return _ids(self._services_to("delete"))

    @property
    def product_id(self) -> str | None:
        return product_of(self.document)

    @property
    def key(self) -> str:
        """What the network's calls for the order go by, one after the other."""
        return self.product_id or self.id

    @property
    def waits(self) -> bool:
        """For its date, or for a person."""
        return self.document.state == "acknowledged"

    @property
    def in_progress(self) -> bool:
        return self.document.state == "inProgress"

    @property
    def being_cancelled(self) -> bool:
        return self.document.state in _CANCELLING

    @property
    def adds(self) -> bool:
        """Whether it makes services, which it then holds; a cessation ends some."""
        return _adds(self.document)

    def acknowledge(self) -> None:
        """It is taken, and waits; so does each item of which its channel says nothing else."""
        for item in self.document.service_order_item:
            item.state = item.state or self.document.state
        self.record(ServiceOrderCreateEvent)

    def reject(self, problems: Mapping[str, Problem]) -> None:
        """By item, why it breaks a rule; one item that does rejects the order (TMF641 v4.1)."""
        self._move_to("rejected")
        for item in self.document.service_order_item:
            if item.id in problems:
                item.error_message = [problems[item.id].as_error()]
        self.record(ServiceOrderStateChangeEvent)

    def start(self, at: datetime) -> None:
        """An order that was acknowledged is worked on. What only the end can tell isn't known."""
        self._move_to("inProgress")
        document = self.document
        document.start_date = at
        document.completion_date = document.cancellation_date = document.undone_date = None
        document.cancellation_reason = None
        for item in document.service_order_item:
            item.error_message = None
        self.record(ServiceOrderStateChangeEvent)

    def complete(self, at: datetime) -> None:
        """The network did all of it."""
        self._move_to("completed")
        self.document.completion_date = at
        self.record(ServiceOrderStateChangeEvent)

    def fail(self, at: datetime, *, code: str, message: str, keep: bool) -> None:
        """It can't be done. With `keep` what was assigned stays so, for a retry of the product."""
        self._move_to("failed")
        for item in self.document.service_order_item:
            item.error_message = [Problem(code, message).as_error()]
        self.document.completion_date = at
        if not keep:
            self.document.undone_date = at
        self.record(ServiceOrderStateChangeEvent)

    def undo(self, at: datetime) -> None:
        """From now on it holds nothing. One that ended keeps the state it ended in."""
        if self.in_progress:
            self._move_to("cancelled")
            self.document.cancellation_date = at
            self.record(ServiceOrderStateChangeEvent)
        elif self.document.state in _UNDOABLE and not self.document.undone_date:
            self.document.undone_date = at
            self.record(ServiceOrderAttributeValueChangeEvent)

    def assess_cancellation(self) -> ServiceOrderState:
        """Look whether it can be cancelled; the state to go back to if not.

        Raises ServiceOrderNotCancellable for a final order, or one that is being cancelled.
        """
        before = self.document.state
        if before in SERVICE_ORDER.final or self.being_cancelled:
            raise ServiceOrderNotCancellable(
                f"Service order {self.id} is {before} and can't move to assessingCancellation",
                extra={"from": before, "to": "assessingCancellation"},
            )
        self._move_to("assessingCancellation")
        self.record(ServiceOrderStateChangeEvent)
        return before

    def deny_cancellation(self, back_to: ServiceOrderState) -> None:
        """It is past its point of no return, or the network can't take it back."""
        self._move_to(back_to)
        self.record(ServiceOrderStateChangeEvent)

    def cancel(self, at: datetime, *, reason: str | None) -> None:
        """The cancellation is accepted, and everything is undone."""
        self.document.cancellation_reason = reason
        self._move_to("pendingCancellation")
        self.record(ServiceOrderStateChangeEvent)
        self._move_to("cancelled")
        self.document.cancellation_date = at
        self.record(ServiceOrderStateChangeEvent)

    def _services_to(self, action: str) -> list[ServiceRefOrValue]:
        items = self.document.service_order_item
        return [item.service for item in items if item.action == action]

    def _move_to(self, state: ServiceOrderState) -> None:
        SERVICE_ORDER.check(self.document.state, state, resource_id=self.id)
        self.document.state = state
        for item in self.document.service_order_item:
            item.state = state


def product_of(document: ServiceOrderDocument) -> str | None:
    """The product whose services the order is about."""
    for item in document.service_order_item:
        product = party_in_role(item.service.related_entity, "product")
        if product is not None:
            return product.id
    return None


def held_product_of(document: ServiceOrderDocument) -> str | None:
    """The product for which this order holds services and resources; None when it holds none."""
    holds = document.state in ("inProgress", "completed", "failed") and not document.undone_date
    return product_of(document) if holds and _adds(document) else None


def _ids(services: list[ServiceRefOrValue]) -> list[str]:
    return [service.id for service in services if service.id]


def _adds(document: ServiceOrderDocument) -> bool:
    return any(item.action == "add" for item in document.service_order_item)
