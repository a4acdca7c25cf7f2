"""Facts of the product catalogue (TMF620), owned by order-svc, and its fulfilment plans."""

from typing import Any, Literal

from pydantic import Field

from dualbus_events.document import Document, Moment, Money, Reference, TimePeriod, WireModel
from dualbus_events.facts import REFERENCE_PARTITIONS, FactTopic
from dualbus_events.tmforum.documents import defined, defined_topic


class CatalogDocument(Document):
    """What every catalogue entity has."""

    name: str
    description: str | None = None
    lifecycle_status: str | None = None
    version: str | None = None
    last_update: Moment | None = None
    is_bundle: bool | None = None
    valid_for: TimePeriod | None = None


@defined("TMF620")
class Catalog(CatalogDocument):
    """TMF620 Catalog."""


@defined("TMF620")
class Category(CatalogDocument):
    """TMF620 Category."""

    parent_id: str | None = None
    is_root: bool | None = None


class PlanReference(Reference):
    """The plan for order items of this specification that have one of the actions."""

    action: list[Literal["add", "modify", "delete", "noChange"]]


@defined("TMF620")
class ProductSpecification(CatalogDocument):
    """TMF620 ProductSpecification; `fulfilment_plan` names the plans that fulfil its products."""

    brand: str | None = None
    product_number: str | None = None
    service_specification: list[Reference] | None = None
    resource_specification: list[Reference] | None = None
    fulfilment_plan: list[PlanReference] | None = None


class PriceRefOrValue(WireModel):
    """A price of an offering. Only one that is a resource of its own, with an id, is charged."""

    id: str | None = None
    href: str | None = None
    name: str | None = None


class OfferingRelationship(WireModel):
    """What another offering (`id`) means for selling this one.

    `relationship_type` requires: the customer must hold the other or order it too; excludes: must
    not; substitution: the other may be proposed instead. TM Forum leaves the values open.
    """

    id: str | None = None
    relationship_type: str | None = None
    role: str | None = None


@defined("TMF620")
class ProductOffering(CatalogDocument):
    """TMF620 ProductOffering; `service_level_specification` is the SLA it promises."""

    is_sellable: bool | None = None
    status_reason: str | None = None
    category: list[Reference] | None = None
    product_specification: Reference | None = None
    product_offering_price: list[PriceRefOrValue] | None = None
    product_offering_relationship: list[OfferingRelationship] | None = None
    product_offering_term: list[dict[str, Any]] | None = None
    service_level_agreement: Reference | None = None


@defined("TMF620")
class ProductOfferingPrice(CatalogDocument):
    """TMF620 ProductOfferingPrice. `price_type` is recurring (monthly) or oneTime."""

    price_type: str | None = None
    recurring_charge_period_type: str | None = None
    recurring_charge_period_length: int | None = None
    price: Money | None = None


class PlanTask(WireModel):
    """One node of a plan's graph.

    `type` is the task's type, `<participant>.<verb>`; `after` lists the ids of the tasks that must
    be done before. A task with scope `order` is done once per order, whatever the number of items.
    """

    id: str
    type: str
    after: list[str] = Field(default_factory=list)
    scope: Literal["order", "item"] = "item"
    pivot: bool = False
    undo: bool = True
    on_failure: Literal["compensate", "fallout"] = "compensate"
    timeout_seconds: float = 30
    max_attempts: int = 3


class FulfilmentPlan(Document):
    """The graph of tasks that fulfils one order item; data, like the rest of the catalogue."""

    name: str
    task: list[PlanTask]
    last_update: Moment | None = None


CATALOG = defined_topic("order", Catalog)
CATEGORY = defined_topic("order", Category)
PRODUCT_SPECIFICATION = defined_topic("order", ProductSpecification)
PRODUCT_OFFERING = defined_topic("order", ProductOffering)
PRODUCT_OFFERING_PRICE = defined_topic("order", ProductOfferingPrice)

FULFILMENT_PLAN = FactTopic(
    "order.fulfilment-plan.v1",
    "order",
    "fulfilmentPlan",
    FulfilmentPlan,
    partitions=REFERENCE_PARTITIONS,
)
FulfilmentPlanCreateEvent = FULFILMENT_PLAN.event("FulfilmentPlanCreateEvent")
FulfilmentPlanAttributeValueChangeEvent = FULFILMENT_PLAN.event(
    "FulfilmentPlanAttributeValueChangeEvent"
)
FulfilmentPlanDeleteEvent = FULFILMENT_PLAN.event("FulfilmentPlanDeleteEvent")
