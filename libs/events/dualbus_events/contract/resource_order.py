"""Facts that provisioning-svc owns of orders for resources: TMF652."""

from typing import Any, Literal

from dualbus_events.contract.provisioning import AssignedResource
from dualbus_events.document import Document, Moment, Reference, RelatedParty, WireModel
from dualbus_events.tmforum.documents import defined, defined_topic

ResourceOrderState = Literal[
    "acknowledged",
    "rejected",
    "pending",
    "held",
    "inProgress",
    "cancelled",
    "completed",
    "failed",
    "partial",
]


class OrderedResource(WireModel):
    """The resource that an item acts on: one of the inventory by its id, or a new one."""

    id: str | None = None
    href: str | None = None
    name: str | None = None
    value: str | None = None
    resource_specification: Reference | None = None


class ResourceOrderItem(WireModel):
    """TMF652 ResourceOrderItem; `assigned_resource`, ours, lists what the order holds by it."""

    id: str
    action: str
    quantity: int | None = None
    state: ResourceOrderState | None = None
    resource: OrderedResource
    resource_specification: Reference | None = None
    assigned_resource: list[AssignedResource] | None = None
    error_message: list[dict[str, Any]] | None = None


@defined("TMF652")
class ResourceOrder(Document):
    """TMF652 ResourceOrder; the date and the reason of a cancellation are ours."""

    state: ResourceOrderState
    order_date: Moment
    start_date: Moment | None = None
    requested_start_date: Moment | None = None
    completion_date: Moment | None = None
    cancellation_date: Moment | None = None
    cancellation_reason: str | None = None
    related_party: list[RelatedParty] | None = None
    order_item: list[ResourceOrderItem]


@defined("TMF652")
class CancelResourceOrder(Document):
    """TMF652 CancelResourceOrder. done: all is given back; terminatedWithError: too late.

    `related_party`, ours, is copied from the order: its events name the customer.
    """

    state: Literal["acknowledged", "inProgress", "done", "terminatedWithError"]
    resource_order: Reference
    cancellation_reason: str | None = None
    related_party: list[RelatedParty] | None = None


RESOURCE_ORDER = defined_topic("provisioning", ResourceOrder)
ResourceOrderCreateEvent = RESOURCE_ORDER.event("ResourceOrderCreateEvent")
ResourceOrderStateChangeEvent = RESOURCE_ORDER.event("ResourceOrderStateChangeEvent")

CANCEL_RESOURCE_ORDER = defined_topic("provisioning", CancelResourceOrder)
