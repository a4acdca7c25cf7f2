"""From a channel's body to a product order: what makes one well-formed. No IO."""

from collections.abc import Mapping
from graphlib import CycleError, TopologicalSorter
from typing import Any

from dualbus_events.contract.order import ProductOrder, ProductOrderItem, ProductRefOrValue
from dualbus_events.tmforum.definition import resource_definition
from dualbus_kit.clock import timestamp_now, utc_now
from dualbus_kit.ids import new_id
from dualbus_tmf.bodies import validated
from dualbus_tmf.declaration import check_required
from dualbus_tmf.hrefs import Addressed, href_of
from dualbus_tmf.profiles import required_of

from order_svc.product_order.errors import ProductOrderInvalid

_REQUIRED = required_of(resource_definition("TMF622", "ProductOrder"))
PATH = "/tmf-api/productOrderingManagement/v4/productOrder"
PRODUCT_PATH = "/tmf-api/productInventory/v4/product"
_MAX_ITEM_ID = 100


def new_product_order(body: Mapping[str, Any], addressed: Addressed) -> ProductOrder:
    """The order a POST brings, with its ids. Raises Invalid, saying what is wrong and where.

    An `add` item's product gets its id here: everything that is done for the item goes by it.
    """
    check_required(body, _REQUIRED)
    order_id = new_id()
    order = validated(
        ProductOrder,
        {
            "@type": "ProductOrder",
            "relatedParty": [],
            "orderDate": timestamp_now(),
            "state": "acknowledged",
            **{name: value for name, value in body.items() if value is not None},
            "id": order_id,
            "href": href_of(addressed, PATH, order_id),
        },
    )
    _set_by_server(order)
    _check_items(order.product_order_item)
    _check_relationships(order.product_order_item)
    for position, item in enumerate(order.product_order_item):
        _complete(item, position, addressed)
    return order


def _set_by_server(order: ProductOrder) -> None:
    """What a channel sends there is checked for its form and not stored."""
    order.state, order.order_date = "acknowledged", utc_now()
    order.completion_date = order.cancellation_date = order.cancellation_reason = None


def relied_on(item: ProductOrderItem) -> tuple[str, ...]:
    """The items that must complete before this one's tasks start."""
    return tuple(
        relationship.id
        for relationship in item.product_order_item_relationship or []
        if (relationship.relationship_type or "").casefold() == "relieson"
    )


def _check_items(items: list[ProductOrderItem]) -> None:
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
