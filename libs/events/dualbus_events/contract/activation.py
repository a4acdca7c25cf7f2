"""Facts that provisioning-svc owns of requests to activate and configure services: TMF640."""

from typing import Any, Literal

from dualbus_events.document import Document, Reference, RelatedParty
from dualbus_events.tmforum.documents import defined, defined_topic


@defined("TMF640")
class Monitor(Document):
    """TMF640 Monitor: a request that the network carries out, and what came of it.

    Ours: the service that it is about, the service order that carries it out, and the parties of
    the service, so that its events name the customer.
    """

    state: Literal["InProgress", "InError", "Completed"]
    source_href: str
    response: dict[str, Any] | None = None
    service: Reference
    service_order: Reference
    related_party: list[RelatedParty] | None = None


MONITOR = defined_topic("provisioning", Monitor)
