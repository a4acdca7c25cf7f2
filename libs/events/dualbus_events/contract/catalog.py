"""Facts of the product catalogue (TMF620), owned by order-svc, and its fulfilment plans."""

from typing import Any, Literal

from pydantic import Field

from dualbus_events.document import Document, Moment, Money, Reference, TimePeriod, WireModel
from dualbus_events.facts import REFERENCE_PARTITIONS, FactTopic


class CatalogDocument(Document):
    """What every catalogue entity has."""

    name: str
    description: str | None = None
    lifecycle_status: str | None = None
    version: str | None = None
    last_update: Moment | None = None
    is_bundle: bool | None = None
    valid_for: TimePeriod | None = None


class Category(CatalogDocument):
    """TMF620 Category."""

    parent_id: str | None = None
    is_root: bool | None = None


class PlanReference(Reference):
    """The plan for order items of this specification that have one of the actions."""

    action: list[Literal["add", "modify", "delete", "noChange"]]


class ProductSpecification(CatalogDocument):
    """TMF620 ProductSpecification; `fulfilment_plan` names the plans that fulfil its products."""

    brand: str | None = None
    product_number: str | None = None
    product_spec_characteristic: list[dict[str, Any]] | None = None
    service_specification: list[Reference] | None = None
    resource_specification: list[Reference] | None = None
    fulfilment_plan: list[PlanReference] | None = None


class ProductOffering(CatalogDocument):
    """TMF620 ProductOffering; `service_level_specification` is the SLA it promises."""

    is_sellable: bool | None = None
    status_reason: str | None = None
    category: list[Reference] | None = None
    product_specification: Reference | None = None
    product_offering_price: list[Reference] | None = None
    product_offering_term: list[dict[str, Any]] | None = None
    service_level_agreement: Reference | None = None


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


CATEGORY = FactTopic(
    "order.category.v1", "order", "category", Category, partitions=REFERENCE_PARTITIONS
)
CategoryCreateEvent = CATEGORY.event("CategoryCreateEvent")
CategoryAttributeValueChangeEvent = CATEGORY.event("CategoryAttributeValueChangeEvent")
CategoryDeleteEvent = CATEGORY.event("CategoryDeleteEvent")

PRODUCT_SPECIFICATION = FactTopic(
    "order.product-specification.v1",
    "order",
    "productSpecification",
    ProductSpecification,
    partitions=REFERENCE_PARTITIONS,
)
ProductSpecificationCreateEvent = PRODUCT_SPECIFICATION.event("ProductSpecificationCreateEvent")
ProductSpecificationAttributeValueChangeEvent = PRODUCT_SPECIFICATION.event(
    "ProductSpecificationAttributeValueChangeEvent"
)
ProductSpecificationDeleteEvent = PRODUCT_SPECIFICATION.event("ProductSpecificationDeleteEvent")

PRODUCT_OFFERING = FactTopic(
    "order.product-offering.v1",
    "order",
    "productOffering",
    ProductOffering,
    partitions=REFERENCE_PARTITIONS,
)
ProductOfferingCreateEvent = PRODUCT_OFFERING.event("ProductOfferingCreateEvent")
ProductOfferingAttributeValueChangeEvent = PRODUCT_OFFERING.event(
    "ProductOfferingAttributeValueChangeEvent"
)
ProductOfferingDeleteEvent = PRODUCT_OFFERING.event("ProductOfferingDeleteEvent")

PRODUCT_OFFERING_PRICE = FactTopic(
    "order.product-offering-price.v1",
    "order",
    "productOfferingPrice",
    ProductOfferingPrice,
    partitions=REFERENCE_PARTITIONS,
)
ProductOfferingPriceCreateEvent = PRODUCT_OFFERING_PRICE.event("ProductOfferingPriceCreateEvent")
ProductOfferingPriceAttributeValueChangeEvent = PRODUCT_OFFERING_PRICE.event(
    "ProductOfferingPriceAttributeValueChangeEvent"
)
ProductOfferingPriceDeleteEvent = PRODUCT_OFFERING_PRICE.event("ProductOfferingPriceDeleteEvent")

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
