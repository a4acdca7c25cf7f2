"""Facts that provisioning-svc owns beside its catalogue: TMF641, TMF638 and TMF639."""

from typing import Any, Literal

from dualbus_events.document import (
    Characteristic,
    Document,
    Moment,
    Note,
    Reference,
    RelatedParty,
    WireModel,
)
from dualbus_events.facts import FactTopic
from dualbus_events.tmforum.documents import defined, defined_topic

ServiceOrderState = Literal[
    "acknowledged",
    "rejected",
    "pending",
    "held",
    "inProgress",
    "assessingCancellation",
    "pendingCancellation",
    "cancelled",
    "completed",
    "failed",
    "partial",
]
ServiceState = Literal[
    "feasibilityChecked", "designed", "reserved", "inactive", "active", "terminated"
]


class AssignedResource(Reference):
    """A reference to a resource that a service holds, with its value (a number, a SIM, a port)."""

    value: str | None = None
    category: str | None = None


class ServiceRefOrValue(WireModel):
    """The service that a service order item acts on."""

    id: str | None = None
    href: str | None = None
    name: str | None = None
    state: ServiceState | None = None
    service_specification: Reference | None = None
    service_characteristic: list[Characteristic] | None = None
    supporting_resource: list[AssignedResource] | None = None
    related_entity: list[RelatedParty] | None = None


class ServiceOrderItem(WireModel):
    """TMF641 ServiceOrderItem."""

    id: str
    action: Literal["add", "modify", "delete", "noChange"]
    quantity: int | None = None
    state: ServiceOrderState | None = None
    service: ServiceRefOrValue
    service_order_item: "list[ServiceOrderItem] | None" = None
    error_message: list[dict[str, Any]] | None = None


@defined("TMF641")
class ServiceOrder(Document):
    """TMF641 ServiceOrder; `external_id` is the id of the task it carries out, or its channel's.

    `undone_date`, ours: since when what it did is taken back, its state staying as it ended.
    """

    state: ServiceOrderState
    order_date: Moment
    requested_start_date: Moment | None = None
    start_date: Moment | None = None
    completion_date: Moment | None = None
    cancellation_date: Moment | None = None
    cancellation_reason: str | None = None
    undone_date: Moment | None = None
    external_id: str | None = None
    description: str | None = None
    note: list[Note] | None = None
    related_party: list[RelatedParty] | None = None
    service_order_item: list[ServiceOrderItem]


@defined("TMF641")
class CancelServiceOrder(Document):
    """TMF641 CancelServiceOrder. done: all is undone; terminatedWithError: too late, see why.

    `related_party`, ours, is copied from the order: its events name the customer.
    """

    state: Literal["acknowledged", "inProgress", "done", "terminatedWithError"]
    service_order: Reference
    cancellation_reason: str | None = None
    related_party: list[RelatedParty] | None = None


class RelatedServiceOrderItem(WireModel):
    """TMF638 RelatedServiceOrderItem."""

    service_order_id: str | None = None
    service_order_href: str | None = None
    item_id: str | None = None
    item_action: str | None = None


@defined("TMF638")
class Service(Document):
    """TMF638 Service; `related_entity` with role `product` is the product it realizes."""

    name: str | None = None
    state: ServiceState
    service_date: Moment | None = None
    start_date: Moment | None = None
    end_date: Moment | None = None
    service_specification: Reference | None = None
    service_characteristic: list[Characteristic] | None = None
    supporting_resource: list[AssignedResource] | None = None
    service_order_item: list[RelatedServiceOrderItem] | None = None
    related_entity: list[RelatedParty] | None = None
    related_party: list[RelatedParty] | None = None


@defined("TMF639")
class Resource(Document):
    """TMF639 Resource; `related_entity` with role `service` is the service that holds it."""

    name: str
    value: str | None = None
    category: str | None = None
    resource_status: str | None = None
    resource_specification: Reference | None = None
    resource_characteristic: list[Characteristic] | None = None
    related_entity: list[RelatedParty] | None = None
    related_party: list[RelatedParty] | None = None


SERVICE_ORDER = FactTopic(
    "provisioning.service-order.v1", "provisioning", "serviceOrder", ServiceOrder
)
ServiceOrderCreateEvent = SERVICE_ORDER.event("ServiceOrderCreateEvent")
ServiceOrderStateChangeEvent = SERVICE_ORDER.event("ServiceOrderStateChangeEvent")
ServiceOrderAttributeValueChangeEvent = SERVICE_ORDER.event("ServiceOrderAttributeValueChangeEvent")
ServiceOrderDeleteEvent = SERVICE_ORDER.event("ServiceOrderDeleteEvent")

CANCEL_SERVICE_ORDER = defined_topic("provisioning", CancelServiceOrder)

SERVICE = FactTopic("provisioning.service.v1", "provisioning", "service", Service)
ServiceCreateEvent = SERVICE.event("ServiceCreateEvent")
ServiceStateChangeEvent = SERVICE.event("ServiceStateChangeEvent")
ServiceAttributeValueChangeEvent = SERVICE.event("ServiceAttributeValueChangeEvent")
ServiceDeleteEvent = SERVICE.event("ServiceDeleteEvent")

RESOURCE = FactTopic("provisioning.resource.v1", "provisioning", "resource", Resource)
ResourceCreateEvent = RESOURCE.event("ResourceCreateEvent")
ResourceStateChangeEvent = RESOURCE.event("ResourceStateChangeEvent")
ResourceAttributeValueChangeEvent = RESOURCE.event("ResourceAttributeValueChangeEvent")
ResourceDeleteEvent = RESOURCE.event("ResourceDeleteEvent")
