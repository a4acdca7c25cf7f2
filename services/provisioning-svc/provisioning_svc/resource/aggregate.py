"""A resource: free, or held by one service."""

from dualbus_events.aggregate import Aggregate
from dualbus_events.contract.provisioning import (
    Resource as ResourceDocument,
)
from dualbus_events.contract.provisioning import (
    ResourceCreateEvent,
    ResourceStateChangeEvent,
)
from dualbus_events.document import RelatedParty, customer_of


class Resource(Aggregate[ResourceDocument]):
    """One number, SIM or port. `resourceStatus`: reserved while a service holds it."""

    document_type = ResourceDocument

    @property
    def customer_id(self) -> str | None:
        return customer_of(self.document.related_party)

    @classmethod
    def first_assigned(cls, document: ResourceDocument) -> "Resource":
        """A value that was never given out before, made for the service that holds it."""
        resource = cls(document)
        resource.record(ResourceCreateEvent)
        return resource

    def assign(
        self, *, service: RelatedParty, customer: list[RelatedParty] | None, category: str
    ) -> None:
        """Give a free resource to a service; `category` holds where the inventory names none."""
        self.document.category = self.document.category or category
        self.document.resource_status = "reserved"
        self.document.related_entity = [service]
        self.document.related_party = customer
        self.record(ResourceStateChangeEvent)

    def give_back(self) -> None:
        """Back to the pool.

        The event still goes to the customer who had it: their view must lose it.
        """
        self.document.resource_status = "available"
        self.document.related_entity = None
        self.record(ResourceStateChangeEvent)
