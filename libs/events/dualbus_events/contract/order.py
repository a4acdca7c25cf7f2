"""Facts that order-svc owns: TMF622 product orders and their cancellation, TMF637 products."""

from typing import Any, Literal

from pydantic import Field

from dualbus_events.document import (
    Amount,
    Characteristic,
    Document,
    Moment,
    Money,
    Note,
    Reference,
    RelatedParty,
    WireModel,
)
from dualbus_events.facts import FactTopic
from dualbus_events.tmforum.documents import defined

ProductOrderState = Literal[
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
ItemAction = Literal["add", "modify", "delete", "noChange"]


class Price(WireModel):
    """TMF622 Price: an absolute amount or a percentage of what it alters."""

    duty_free_amount: Money | None = None
    tax_included_amount: Money | None = None
    percentage: Amount | None = None
    tax_rate: Amount | None = None


class PriceAlteration(WireModel):
    """TMF622 PriceAlteration: a discount (negative) or surcharge (positive) on a price."""

    name: str | None = None
    price_type: str | None = None
    priority: int | None = None
    price: Price


class OrderPrice(WireModel):
    """TMF622 OrderPrice: what an item costs, and how that was altered for this customer."""

    name: str | None = None
    price_type: str | None = None
    recurring_charge_period: str | None = None
    price: Price | None = None
    product_offering_price: Reference | None = None
    price_alteration: list[PriceAlteration] | None = None


class ProductRefOrValue(WireModel):
    """The product an item adds, changes or removes."""

    id: str | None = None
    href: str | None = None
    name: str | None = None
    product_specification: Reference | None = None
    product_characteristic: list[Characteristic] | None = None
    place: list[dict[str, Any]] | None = None


class ItemError(WireModel):
    """Why an item did not go through (TMF641's ErrorMessage, used on product order items too)."""

    code: str
    reason: str
    message: str | None = None
    timestamp: Moment | None = None


class ItemRelationship(WireModel):
    """`relationship_type` reliesOn: this item's tasks wait for the other item to complete."""

    id: str
    relationship_type: str | None = None


class QuoteItemReference(WireModel):
    """TMF622 QuoteItemRef: the item of a quote (TMF648) whose price an item is ordered at."""

    id: str
    quote_id: str | None = None
    quote_href: str | None = None


class ProductOrderItem(WireModel):
    """TMF622 ProductOrderItem."""

    id: str
    action: ItemAction
    quantity: int | None = Field(default=None, ge=1)
    state: ProductOrderState | None = None
    product_offering: Reference | None = None
    product: ProductRefOrValue | None = None
    item_price: list[OrderPrice] | None = None
    billing_account: Reference | None = None
    quote_item: QuoteItemReference | None = None
    product_order_item_relationship: list[ItemRelationship] | None = None
    error_message: list[ItemError] | None = None


@defined("TMF622")
class ProductOrder(Document):
    """TMF622 ProductOrder."""

    state: ProductOrderState
    order_date: Moment
    completion_date: Moment | None = None
    cancellation_date: Moment | None = None
    cancellation_reason: str | None = None
    requested_start_date: Moment | None = None
    requested_completion_date: Moment | None = None
    category: str | None = None
    description: str | None = None
    external_id: str | None = None
    priority: str | None = None
    channel: list[WireModel] | None = None
    note: list[Note] | None = None
    related_party: list[RelatedParty] | None = None
    billing_account: Reference | None = None
    quote: list[Reference] | None = None
    product_order_item: list[ProductOrderItem]


@defined("TMF622")
class CancelProductOrder(Document):
    """TMF622 CancelProductOrder. done: accepted and carried out; terminatedWithError: refused."""

    state: Literal["acknowledged", "inProgress", "done", "terminatedWithError"]
    product_order: Reference
    cancellation_reason: str | None = None
    requested_cancellation_date: Moment | None = None
    effective_cancellation_date: Moment | None = None
    error_message: list[ItemError] | None = None


@defined("TMF637")
class Product(Document):
    """TMF637 Product: what a customer holds."""

    name: str | None = None
    status: str
    order_date: Moment | None = None
    start_date: Moment | None = None
    termination_date: Moment | None = None
    product_offering: Reference | None = None
    product_specification: Reference | None = None
    product_characteristic: list[Characteristic] | None = None
    product_price: list[dict[str, Any]] | None = None
    product_order_item: list[dict[str, Any]] | None = None
    realizing_service: list[Reference] | None = None
    billing_account: Reference | None = None
    related_party: list[RelatedParty] | None = None


PRODUCT_ORDER = FactTopic("order.product-order.v1", "order", "productOrder", ProductOrder)
ProductOrderCreateEvent = PRODUCT_ORDER.event("ProductOrderCreateEvent")
ProductOrderStateChangeEvent = PRODUCT_ORDER.event("ProductOrderStateChangeEvent")
ProductOrderAttributeValueChangeEvent = PRODUCT_ORDER.event("ProductOrderAttributeValueChangeEvent")
ProductOrderDeleteEvent = PRODUCT_ORDER.event("ProductOrderDeleteEvent")

CANCEL_PRODUCT_ORDER = FactTopic(
    "order.cancel-product-order.v1",
    "order",
    "cancelProductOrder",
    CancelProductOrder,
)
CancelProductOrderCreateEvent = CANCEL_PRODUCT_ORDER.event("CancelProductOrderCreateEvent")
CancelProductOrderStateChangeEvent = CANCEL_PRODUCT_ORDER.event(
    "CancelProductOrderStateChangeEvent"
)

PRODUCT = FactTopic("order.product.v1", "order", "product", Product)
ProductCreateEvent = PRODUCT.event("ProductCreateEvent")
ProductStateChangeEvent = PRODUCT.event("ProductStateChangeEvent")
ProductAttributeValueChangeEvent = PRODUCT.event("ProductAttributeValueChangeEvent")
ProductDeleteEvent = PRODUCT.event("ProductDeleteEvent")
