"""Whether an order may be delivered: its items against the catalogue and the inventory. No IO."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from dualbus_events.contract.catalog import ProductOffering
from dualbus_events.contract.order import (
    ItemError,
    Product,
    ProductOrder,
    ProductOrderItem,
)
from dualbus_events.contract.preorder import Quote
from dualbus_events.document import Reference, customer_of
from dualbus_kit.clock import utc_now

from order_svc.catalogue.eligibility import conflict_of, has_rules
from order_svc.catalogue.offers import Offer
from order_svc.pricing.errors import PriceNotOffered
from order_svc.pricing.item_prices import item_prices
from order_svc.process.planning import PlannedItem
from order_svc.product_order.intake import relied_on
from order_svc.quote.promise import Promise, QuoteNotUsable, promise_of

# TMF620 v4.1, life cycle: the two in which an offering may be sold.
_SELLABLE = ("active", "launched")


@dataclass
class Decision:
    """What becomes of an order. It waits for a person when no rule here knows how to deliver it."""

    reasons: dict[str, ItemError] = field(default_factory=dict)
    """Why items can't be delivered; one is enough to reject the order."""
    planned: list[PlannedItem] = field(default_factory=list)
    waits: bool = False
    quotes: set[str] = field(default_factory=set)
    """Ids of the quotes it is ordered by."""


@dataclass(frozen=True)
class Grounds:
    """What is known when an order is decided on, by id."""

    offers: Mapping[str, Offer]
    products: Mapping[str, Product]
    """Those that items change or remove."""
    now: datetime
    quotes: Mapping[str, Quote] = field(default_factory=dict)
    held: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """By customer, the offering of each product by the product's id. Only of customers who order
    what depends on what else they hold."""


class _Refusal(Exception):
    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def decide(order: ProductOrder, grounds: Grounds) -> Decision:
    """Check every item, complete it from its offering, and pick its plan.

    An order without a customer, or with an item without any offering, waits for a person:
    nothing here could deliver or bill it (TM Forum's conformance kits post such orders).
    """
    decision = Decision(waits=customer_of(order.related_party) is None)
    for item in order.product_order_item:
        try:
            planned = _plan(item, order, grounds, decision)
        except _Refusal as refusal:
            decision.reasons[item.id] = ItemError(
                code=refusal.code,
                reason=refusal.message,
                message=refusal.message,
                timestamp=utc_now(),
            )
        else:
            decision.waits |= planned is None
            decision.planned += [planned] if planned else []
    return decision


def offering_id(item: ProductOrderItem, products: Mapping[str, Product]) -> str | None:
    """The offering the item is about; for a product that exists, the one it was sold as."""
    if item.product_offering is not None:
        return item.product_offering.id
    product = products.get(item.product.id or "") if item.product else None
    return product.product_offering.id if product and product.product_offering else None


def _plan(
    item: ProductOrderItem, order: ProductOrder, grounds: Grounds, decision: Decision
) -> PlannedItem | None:
    if item.action in ("modify", "delete"):
        _check_product(item, customer_of(order.related_party), grounds.products)
    promise = _promise(item, order, grounds)
    if promise is not None:
        decision.quotes.add(promise.quote_id)
    wanted = offering_id(item, grounds.products)
    if wanted is None:
        return None
    offer = grounds.offers.get(wanted)
    if offer is None:
        raise _Refusal("offeringUnknown", f"There is no product offering {wanted}")
    if item.action == "add":
        # What was quoted and accepted is still delivered when nobody else can buy it any more.
        if promise is None:
            _check_sellable(offer.offering, grounds.now)
        _check_together(offer, order, grounds)
    plan = offer.plans.get(item.action)
    if plan is None and item.action != "noChange":
        raise _Refusal(
            "noFulfilmentPlan",
            f"Product offering {wanted} has no fulfilment plan for the action {item.action}",
        )
    _complete(item, offer, promise)
    return PlannedItem(item.id, plan, relied_on(item))


def _promise(item: ProductOrderItem, order: ProductOrder, grounds: Grounds) -> Promise | None:
    try:
        return promise_of(item, order, grounds.quotes) if grounds.quotes else None
    except QuoteNotUsable as error:
        raise _Refusal(error.code, str(error)) from error


def _check_together(offer: Offer, order: ProductOrder, grounds: Grounds) -> None:
    if not has_rules(offer):
        return
    held = dict(grounds.held.get(customer_of(order.related_party) or "", {}))
    for item in order.product_order_item:
        if item.action == "delete" and item.product and item.product.id:
            held.pop(item.product.id, None)
    together = [
        item.product_offering.id
        for item in order.product_order_item
        if item.action == "add" and item.product_offering
    ]
    together.remove(offer.offering.id)  # this item itself
    conflict = conflict_of(offer, {*held.values(), *together})
    if conflict:
        raise _Refusal(*conflict)


def _check_product(
    item: ProductOrderItem, customer: str | None, products: Mapping[str, Product]
) -> None:
    product = products.get(item.product.id or "") if item.product else None
    if product is None:
        return
    if customer_of(product.related_party) != customer:
        raise _Refusal("productOfAnother", f"Product {product.id} belongs to another customer")
    if product.status in ("terminated", "cancelled", "aborted"):
        raise _Refusal("productTerminated", f"Product {product.id} is {product.status}")


def _check_sellable(offering: ProductOffering, now: datetime) -> None:
    def refuse(why: str) -> None:
        raise _Refusal("offeringNotSellable", f"Product offering {offering.id} {why}")

    if offering.is_sellable is False:
        refuse("is not sellable on its own")
    if (offering.lifecycle_status or "").casefold() not in _SELLABLE:
        refuse(f"is {offering.lifecycle_status}")
    period = offering.valid_for
    if period and period.start_date_time and now < period.start_date_time:
        refuse(f"is offered from {period.start_date_time.isoformat()}")
    if period and period.end_date_time and now >= period.end_date_time:
        refuse(f"was offered until {period.end_date_time.isoformat()}")


def _complete(item: ProductOrderItem, offer: Offer, promise: Promise | None) -> None:
    """Fix on the order what its quote promised, and what the catalogue says now."""
    offering, product = offer.offering, item.product
    if item.product_offering is None:
        item.product_offering = Reference(id=offering.id, href=offering.href, name=offering.name)
    elif item.product_offering.name is None:
        item.product_offering.name = offering.name
    if product is not None:
        product.name = product.name or offering.name
        product.product_specification = product.product_specification or _reference(offering)
    if item.action not in ("add", "modify"):
        return
    if promise is not None and promise.prices:
        item.item_price = promise.prices
        return
    try:
        item.item_price = item_prices(offer.prices, item.item_price)
    except PriceNotOffered as error:
        raise _Refusal(error.code, f"{str(error)[0].upper()}{str(error)[1:]}") from error


def _reference(offering: ProductOffering) -> Reference | None:
    specification = offering.product_specification
    if specification is None:
        return None
    return Reference(id=specification.id, href=specification.href, name=specification.name)
