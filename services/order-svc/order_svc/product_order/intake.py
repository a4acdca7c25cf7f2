"""From a channel's body to a product order: what makes one well-formed. No IO."""

from collections.abc import Mapping
from graphlib import CycleError, TopologicalSorter
from typing import Any

from dualbus_events.contract.order import ProductOrder, ProductOrderItem, ProductRefOrValue
from dualbus_kit.clock import timestamp_now
from dualbus_kit.ids import new_id
from dualbus_tmf.bodies import validated
from dualbus_tmf.hrefs import Addressed, href_of

from order_svc.product_order.errors import ProductOrderInvalid

PATH = "/tmf-api/productOrderingManagement/v4/productOrder"
PRODUCT_PATH = "/tmf-api/productInventory/v4/product"
_MAX_ITEM_ID = 100
# The server's to say; what a channel sends there is not stored.
_SERVER_SETS = (
    "id",
    "href",
    "state",
    "orderDate",
    "completionDate",
    "cancellationDate",
    "cancellationReason",
)


def new_product_order(body: Mapping[str, Any], addressed: Addressed) -> ProductOrder:
    """The order a POST brings, with its ids. Raises Invalid, saying what is wrong and where.

    An `add` item's product gets its id here: everything that is done for the item goes by it.
    """
    order_id = new_id()
    given = {name: value for name, value in body.items() if name not in _SERVER_SETS}
    order = validated(
        ProductOrder,
        {
            "@type": "ProductOrder",
            "relatedParty": [],
            **{name: value for name, value in given.items() if value is not None},
            "id": order_id,
            "href": href_of(addressed, PATH, order_id),
            "orderDate": timestamp_now(),
            "state": "acknowledged",
        },
    )
    _check_items(order.product_order_item)
    _check_relationships(order.product_order_item)
    for position, item in enumerate(order.product_order_item):
        _complete(item, position, addressed)
    return order


def relied_on(item: ProductOrderItem) -> tuple[str, ...]:
    """The items that must complete before this one's tasks start."""
    return tuple(
        relationship.id
        for relationship in item.product_order_item_relationship or []
        if (relationship.relationship_type or "").casefold() == "relieson"
    )


def _check_items(items: list[ProductOrderItem]) -> None:
    if not items:
        raise ProductOrderInvalid("productOrderItem: at least one item is needed")
    seen: dict[str, int] = {}
    for position, item in enumerate(items):
        where = f"productOrderItem.{position}"
        if not 0 < len(item.id) <= _MAX_ITEM_ID:
            raise ProductOrderInvalid(f"{where}.id: 1 to {_MAX_ITEM_ID} characters are allowed")
        first = seen.setdefault(item.id, position)
        if first != position:
            raise ProductOrderInvalid(
                f"{where}.id: {item.id!r} is the id of productOrderItem.{first} too"
            )
        if (item.model_extra or {}).get("productOrderItem"):
            raise ProductOrderInvalid(
                f"{where}.productOrderItem: nested items are not taken; list them one beside the "
                "other and relate them by productOrderItemRelationship"
            )


def _check_relationships(items: list[ProductOrderItem]) -> None:
    relies_on = {item.id: relied_on(item) for item in items}
    if not any(relies_on.values()):
        return
    for position, item in enumerate(items):
        for other in relies_on[item.id]:
            if other not in relies_on:
                raise ProductOrderInvalid(
                    f"productOrderItem.{position}.productOrderItemRelationship: "
                    f"there is no item {other!r} in this order"
                )
    try:
        TopologicalSorter(relies_on).prepare()
    except CycleError as error:
        circle = " → ".join(reversed(error.args[1]))
        raise ProductOrderInvalid(
            f"productOrderItem: items rely on each other in a circle: {circle}"
        ) from error


def _complete(item: ProductOrderItem, position: int, addressed: Addressed) -> None:
    item.error_message = None
    item.quantity = item.quantity or 1
    product = item.product = item.product or ProductRefOrValue()
    if item.action == "add":
        product.id = new_id()
        product.href = href_of(addressed, PRODUCT_PATH, product.id)
    elif item.action in ("modify", "delete") and not product.id:
        raise ProductOrderInvalid(
            f"productOrderItem.{position}.product.id: required, for the action is {item.action}"
        )
