"""A resource: free, or held by one service or by one order for resources."""

from dualbus_events.aggregate import Aggregate
from dualbus_events.contract.provisioning import (
    Resource as ResourceDocument,
)
from dualbus_events.contract.provisioning import (
    ResourceCreateEvent,
    ResourceStateChangeEvent,
)
from dualbus_events.document import RelatedParty, customer_of

_HOLDERS = ("service", "resourceOrder")


class Resource(Aggregate[ResourceDocument]):
    """One number, SIM or port. `resourceStatus`: reserved while a service or an order holds it."""

    document_type = ResourceDocument

    @property
    def customer_id(self) -> str | None:
        return customer_of(self.document.related_party)

    @property
    def available(self) -> bool:
        return self.document.resource_status == "available"

    @property
    def holder(self) -> RelatedParty | None:
        """The service or the order that holds it; None for one that is free."""
        entities = self.document.related_entity or []
        return next((one for one in entities if one.role in _HOLDERS), None)

    @classmethod
    def first_assigned(cls, document: ResourceDocument) -> "Resource":
        """A value that was never given out before, made for whoever holds it."""
        resource = cls(document)
        resource.record(ResourceCreateEvent)
        return resource

    def assign(
        self, *, holder: RelatedParty, customer: list[RelatedParty] | None, category: str | None
    ) -> None:
        """Give a free resource to its holder; `category` holds where the inventory names none."""
        self.document.category = self.document.category or category
        self.document.resource_status = "reserved"
        self.document.related_entity = [holder]
        self.document.related_party = customer
        self.record(ResourceStateChangeEvent)

    def give_back(self) -> None:
        """Back to the pool.

        The event still goes to the customer who had it: their view must lose it.
        """
        self.document.resource_status = "available"
        self.document.related_entity = None
        self.record(ResourceStateChangeEvent)
