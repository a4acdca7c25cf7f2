"""A service: active from the network's word, terminated for good."""

from datetime import datetime

from dualbus_events.aggregate import Aggregate
from dualbus_events.contract.provisioning import Service as ServiceDocument
from dualbus_events.contract.provisioning import (
    ServiceCreateEvent,
    ServiceState,
    ServiceStateChangeEvent,
)
from dualbus_events.document import customer_of
from dualbus_tmf.state_machines import SERVICE


class Service(Aggregate[ServiceDocument]):
    """What is realized on the network for one product."""

    document_type = ServiceDocument

    @property
    def customer_id(self) -> str | None:
        return customer_of(self.document.related_party)

    @classmethod
    def activated(cls, document: ServiceDocument) -> "Service":
        """A service that the network activated; before that it is only in its service order."""
        SERVICE.check_initial(document.state)
        service = cls(document)
        service.record(ServiceCreateEvent)
        return service

    @property
    def terminated(self) -> bool:
        return self.document.state == "terminated"

    def terminate(self, at: datetime) -> None:
        """End the service. Raises IllegalStateMove when it has ended before."""
        self._move_to("terminated")
        self.document.end_date = at
        self.record(ServiceStateChangeEvent)

    def _move_to(self, state: ServiceState) -> None:
        SERVICE.check(self.document.state, state, resource_id=self.id)
        self.document.state = state
