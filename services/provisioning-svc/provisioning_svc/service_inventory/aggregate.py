"""A service: active from the network's word, terminated for good."""

from datetime import datetime

from dualbus_events.aggregate import Aggregate
from dualbus_events.contract.provisioning import (
    RelatedServiceOrderItem,
    ServiceAttributeValueChangeEvent,
    ServiceCreateEvent,
    ServiceDeleteEvent,
    ServiceState,
    ServiceStateChangeEvent,
)
from dualbus_events.contract.provisioning import Service as ServiceDocument
from dualbus_events.document import customer_of, party_in_role
from dualbus_tmf.state_machines import SERVICE


class Service(Aggregate[ServiceDocument]):
    """What is realized on the network for one product."""

    document_type = ServiceDocument

    @property
    def customer_id(self) -> str | None:
        return customer_of(self.document.related_party)

    @classmethod
    def entered(cls, document: ServiceDocument) -> "Service":
        """A service that is in the inventory from now on.

        One of a product enters it when the network has activated it; before that it is only in its
        service order.
        """
        SERVICE.check_initial(document.state)
        service = cls(document)
        service.record(ServiceCreateEvent)
        return service

    @property
    def terminated(self) -> bool:
        return self.document.state == "terminated"

    @property
    def product_id(self) -> str | None:
        """The product it realizes; None for one that was asked for by itself."""
        product = party_in_role(self.document.related_entity, "product")
        return product.id if product else None

    @property
    def service_order_ids(self) -> list[str]:
        """The orders of channels that were to change it, whatever became of them."""
        items = self.document.service_order_item or []
        return [one.service_order_id for one in items if one.service_order_id]

    def ordered(self, item: RelatedServiceOrderItem) -> None:
        """Note the order that is to change it."""
        self.document.service_order_item = [*(self.document.service_order_item or []), item]
        self.record(ServiceAttributeValueChangeEvent)

    def change(self, document: ServiceDocument) -> None:
        """Take what a client changed; its state stays, and a change of nothing is none."""
        document.state = self.document.state
        if document.to_bytes() != self.document.to_bytes():
            self.document = document
            self.record(ServiceAttributeValueChangeEvent)

    def follow(self, state: ServiceState, at: datetime) -> None:
        """What the network did of it. Raises IllegalStateMove."""
        self._move_to(state)
        if state == "active":
            self.document.start_date = self.document.start_date or at
        if state == "terminated":
            self.document.end_date = at
        self.record(ServiceStateChangeEvent)

    def delete(self) -> None:
        """Take it out of the inventory."""
        self.record(ServiceDeleteEvent)

    def terminate(self, at: datetime) -> None:
        """End the service. Raises IllegalStateMove when it has ended before."""
        self.follow("terminated", at)

    def _move_to(self, state: ServiceState) -> None:
        SERVICE.check(self.document.state, state, resource_id=self.id)
        self.document.state = state
