"""What completed order items make of the product inventory."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dualbus_events.contract.order import OrderPrice, ProductOrder, ProductOrderItem
from dualbus_events.contract.order import Product as ProductDocument
from dualbus_events.document import Reference
from dualbus_events.unit_of_work import UnitOfWork
from dualbus_kit.causation import Cause, caused_by
from dualbus_kit.clock import utc_now
from dualbus_tmf.hrefs import Addressed, href_of

from order_svc.product.aggregate import Product, completed
from order_svc.product.repository import Products
from order_svc.product_order.intake import PRODUCT_PATH


@dataclass(frozen=True, slots=True)
class CompletedItem:
    """An order item all of whose tasks are done, and their results by the plan's task ids."""

    order: ProductOrder
    item_id: str
    results: Mapping[str, Mapping[str, Any]]
    cause: Cause

    @property
    def item(self) -> ProductOrderItem:
        return next(one for one in self.order.product_order_item if one.id == self.item_id)

    def result(self, name: str) -> Any:
        """What any of the tasks reported under this name."""
        return next((one[name] for one in self.results.values() if one.get(name)), None)

    def moment(self, name: str) -> datetime:
        """When it happened, as its participant reported it; now, if none did."""
        reported = self.result(name)
        return datetime.fromisoformat(reported) if isinstance(reported, str) else utc_now()


async def deliver_products(uow: UnitOfWork, completed: Sequence[CompletedItem]) -> None:
    """Make, change or end the product of each item: that one and no other."""
    items = [(one, one.item) for one in completed]
    existing = await uow.find(
        Products,
        [i.product.id for _, i in items if i.action != "add" and i.product and i.product.id],
    )
    for one, item in items:
        with caused_by(one.cause):
            if item.action == "add":
                product = Product(_delivered(one, item, uow))
                product.deliver()
                uow.add(product)
                continue
            known = existing.get(item.product.id or "") if item.product else None
            if known and item.action == "delete":
                known.terminate(one.moment("ceasedAt"))
            elif known and item.action == "modify":
                known.replace(_modified(known.document, item))


def _delivered(one: CompletedItem, item: ProductOrderItem, addressed: Addressed) -> ProductDocument:
    order, product = one.order, item.product
    if product is None or product.id is None:
        raise ValueError(f"item {item.id} of product order {order.id} has no product id")
    service, account = one.result("service"), one.result("billingAccount")
    ordered_for = item.billing_account or order.billing_account
    document = ProductDocument.model_validate(
        {
            **(product.model_extra or {}),
            "@type": "Product",
            "id": product.id,
            "href": href_of(addressed, PRODUCT_PATH, product.id),
            "name": product.name,
            "status": "active",
            "orderDate": order.order_date,
            "startDate": one.moment("activatedAt"),
            "productOffering": item.product_offering,
            "productSpecification": product.product_specification,
            "productCharacteristic": product.product_characteristic,
            "place": product.place,
            "productPrice": _prices(item.item_price),
            "productOrderItem": [_ordered_by(order, item)],
            "realizingService": [_reference(service, "Service")] if service else None,
            "billingAccount": _reference(account, "BillingAccount") if account else ordered_for,
            "relatedParty": order.related_party,
        }
    )
    return completed(document)


def _modified(document: ProductDocument, item: ProductOrderItem) -> ProductDocument:
    changed = document.model_copy()
    if item.product and item.product.product_characteristic:
        new = {one.name: one for one in item.product.product_characteristic}
        kept = [one for one in document.product_characteristic or [] if one.name not in new]
        changed.product_characteristic = [*kept, *new.values()]
    if item.item_price:
        changed.product_price = _prices(item.item_price)
    if item.product_offering:
        changed.product_offering = item.product_offering
    return changed


def _prices(prices: Sequence[OrderPrice] | None) -> list[dict[str, Any]] | None:
    """TMF637 calls productPriceAlteration what TMF622 calls priceAlteration."""
    if not prices:
        return None
    bodies = [price.to_dict() for price in prices]
    for body in bodies:
        if "priceAlteration" in body:
            body["productPriceAlteration"] = body.pop("priceAlteration")
    return bodies


def _ordered_by(order: ProductOrder, item: ProductOrderItem) -> dict[str, Any]:
    return {
        "productOrderId": order.id,
        "productOrderHref": order.href,
        "orderItemId": item.id,
        "orderItemAction": item.action,
        "@referredType": "ProductOrder",
    }


def _reference(reported: Mapping[str, Any], referred_type: str) -> Reference:
    return Reference(
        id=str(reported["id"]),
        href=reported.get("href"),
        name=reported.get("name"),
        referred_type=str(reported.get("@type") or referred_type),
    )
