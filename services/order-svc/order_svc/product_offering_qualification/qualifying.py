"""What a qualification answers: the very rules by which orders are decided on. No IO."""

from collections.abc import Iterable, Iterator, Mapping

from dualbus_events.contract.order import ItemError, ProductOrder, ProductOrderItem
from dualbus_events.contract.preorder import (
    AlternateProposal,
    ProductOfferingQualification,
    QualificationItem,
    UnavailabilityReason,
)
from dualbus_events.document import Reference
from dualbus_kit.clock import utc_now

from order_svc.catalogue.eligibility import alternatives
from order_svc.product_order.decision import Grounds, decide, offering_id

_NOTHING_NAMED = UnavailabilityReason(
    code="offeringMissing",
    label="The item names neither a product offering nor a product that is known here",
)


def as_order(
    qualification: ProductOfferingQualification, items: Iterable[QualificationItem]
) -> ProductOrder:
    """The order that the items would make; its items go by their position."""
    return ProductOrder(
        id=qualification.id,
        state="acknowledged",
        order_date=utc_now(),
        related_party=qualification.related_party,
        product_order_item=[
            ProductOrderItem(
                id=str(position),
                action=item.action or "add",
                product_offering=item.product_offering,
                product=item.product.model_copy(deep=True) if item.product else None,
            )
            for position, item in enumerate(items)
        ],
    )


def qualify(qualification: ProductOfferingQualification, grounds: Grounds) -> None:
    """Answer every item and the whole, in place; `grounds` hold what the items name.

    The whole qualifies when every item does. The items are judged together, as they would be
    ordered. With `provideOnlyAvailable` those that do not qualify are left out of the answer.
    """
    items = qualification.product_offering_qualification_item or []
    order = as_order(qualification, items)
    reasons = decide(order, grounds).reasons
    for item, ordered in zip(items, order.product_order_item, strict=True):
        known = offering_id(ordered, grounds.products) is not None
        _answer(item, reasons.get(ordered.id), known=known)
        if qualification.provide_alternative and item.qualification_item_result == "unqualified":
            item.alternate_product_offering_proposal = [
                AlternateProposal(id=str(number), alternate_product_offering=offering)
                for number, offering in enumerate(_instead(ordered, order, grounds), start=1)
            ] or None
        if qualification.provide_unavailability_reason is False:
            item.eligibility_unavailability_reason = None
    qualified = all(one.qualification_item_result == "qualified" for one in items)
    if items:
        qualification.qualification_result = "qualified" if qualified else "unqualified"
    else:
        qualification.qualification_result = None
    if qualification.provide_only_available:
        qualification.product_offering_qualification_item = [
            one for one in items if one.qualification_item_result == "qualified"
        ]
    qualification.state = "done"
    qualification.effective_qualification_date = utc_now()


def alternative_ids(items: Iterable[QualificationItem], grounds: Grounds) -> set[str]:
    """The offerings that may be proposed instead of what the items ask for."""
    asked = (grounds.offers.get(i.product_offering.id) for i in items if i.product_offering)
    return {other for offer in asked if offer for other in alternatives(offer)}


def _answer(item: QualificationItem, error: ItemError | None, *, known: bool) -> None:
    item.state = "done"
    item.alternate_product_offering_proposal = None
    item.eligibility_unavailability_reason = None
    item.qualification_item_result = "qualified" if known and error is None else "unqualified"
    if error is not None:
        item.eligibility_unavailability_reason = [
            UnavailabilityReason(code=error.code, label=error.message or error.reason)
        ]
    elif not known:
        item.eligibility_unavailability_reason = [_NOTHING_NAMED]


def _instead(item: ProductOrderItem, order: ProductOrder, grounds: Grounds) -> Iterator[Reference]:
    """What the catalogue names instead of the item's offering and would itself qualify here."""
    offer = grounds.offers.get(item.product_offering.id) if item.product_offering else None
    for other in alternatives(offer) if offer else ():
        proposed = _with_offering(order, item.id, other)
        if item.id not in decide(proposed, grounds).reasons:
            offering = grounds.offers[other].offering
            yield Reference(id=other, href=offering.href, name=offering.name)


def _with_offering(order: ProductOrder, item_id: str, offering: str) -> ProductOrder:
    changed: Mapping[str, object] = {
        "product_order_item": [
            ProductOrderItem(
                id=one.id,
                action=one.action,
                product_offering=Reference(id=offering)
                if one.id == item_id
                else one.product_offering,
                product=one.product,
            )
            for one in order.product_order_item
        ]
    }
    return order.model_copy(update=changed)
