"""Facts before a product order: TMF679 qualifications, TMF663 shopping carts, TMF648 quotes."""

from typing import Any, Literal

from pydantic import Field

from dualbus_events.contract.order import ItemAction, OrderPrice, ProductRefOrValue
from dualbus_events.document import (
    Document,
    Moment,
    Reference,
    RelatedParty,
    TimePeriod,
    WireModel,
)
from dualbus_events.tmforum.documents import defined, defined_topic

Qualified = Literal["qualified", "unqualified"]
QuoteState = Literal["inProgress", "pending", "approved", "accepted", "rejected", "cancelled"]


class UnavailabilityReason(WireModel):
    """TMF679 EligibilityUnavailabilityReason."""

    code: str | None = None
    label: str | None = None


class AlternateProposal(WireModel):
    """TMF679 AlternateProductOfferingProposal: what qualifies instead."""

    id: str | None = None
    alternate_product_offering: Reference | None = None


class QualificationItem(WireModel):
    """TMF679 ProductOfferingQualificationItem."""

    id: str | None = None
    action: ItemAction | None = None
    state: str | None = None
    product: ProductRefOrValue | None = None
    product_offering: Reference | None = None
    qualification_item_result: str | None = None
    eligibility_unavailability_reason: list[UnavailabilityReason] | None = None
    alternate_product_offering_proposal: list[AlternateProposal] | None = None


@defined("TMF679")
class ProductOfferingQualification(Document):
    """TMF679 ProductOfferingQualification: whether a customer may order something."""

    state: str
    related_party: list[RelatedParty] | None = None
    provide_alternative: bool | None = None
    provide_only_available: bool | None = None
    provide_unavailability_reason: bool | None = None
    qualification_result: Qualified | None = None
    effective_qualification_date: Moment | None = None
    product_offering_qualification_item: list[QualificationItem] | None = None


class CartItem(WireModel):
    """TMF663 CartItem."""

    id: str | None = None
    action: ItemAction | None = None
    quantity: int | None = Field(default=None, ge=1)
    status: str | None = None
    product: ProductRefOrValue | None = None
    product_offering: Reference | None = None
    item_price: list[OrderPrice] | None = None
    # TMF663 v4 writes this one with a capital.
    item_total_price: list[OrderPrice] | None = Field(default=None, alias="ItemTotalPrice")
    cart_item: "list[CartItem] | None" = None


@defined("TMF663")
class ShoppingCart(Document):
    """TMF663 ShoppingCart; `quote` and `product_order` (ours) are what it has become."""

    related_party: list[RelatedParty] | None = None
    valid_for: TimePeriod | None = None
    cart_item: list[CartItem] | None = None
    cart_total_price: list[OrderPrice] | None = None
    quote: Reference | None = None
    product_order: Reference | None = None


class QuoteItem(WireModel):
    """TMF648 QuoteItem; `quote_item_price` is for one piece."""

    id: str
    action: str
    quantity: int | None = Field(default=None, ge=1)
    state: str | None = None
    product: ProductRefOrValue | None = None
    product_offering: Reference | None = None
    quote_item_price: list[OrderPrice] | None = None
    quote_item: list[dict[str, Any]] | None = None


@defined("TMF648")
class Quote(Document):
    """TMF648 Quote; `product_order` (ours) is the order that was made of it."""

    state: QuoteState
    quote_date: Moment | None = None
    effective_quote_completion_date: Moment | None = None
    instant_sync_quote: bool | None = None
    related_party: list[RelatedParty] | None = None
    valid_for: TimePeriod | None = None
    quote_item: list[QuoteItem]
    quote_total_price: list[OrderPrice] | None = None
    product_order: Reference | None = None


PRODUCT_OFFERING_QUALIFICATION = defined_topic("order", ProductOfferingQualification)
SHOPPING_CART = defined_topic("order", ShoppingCart)
QUOTE = defined_topic("order", Quote)
