"""Places, reads, lists, changes, cancels and deletes orders with nothing but a generated client.

Usage: order_something.py BASE_URL. Prints one JSON object: what each call gave.
"""

import json
import sys
from typing import Any

from product_ordering import (  # type: ignore[import-not-found]
    ApiClient,
    ApiException,
    CancelProductOrderApi,
    CancelProductOrderCreate,
    Configuration,
    EventsSubscriptionApi,
    EventSubscriptionInput,
    OrderItemActionType,
    ProductOfferingRef,
    ProductOrderApi,
    ProductOrderCreate,
    ProductOrderItem,
    ProductOrderRef,
    ProductOrderUpdate,
    RelatedParty,
)


def main(base_url: str) -> dict[str, Any]:
    with ApiClient(Configuration(host=base_url)) as client:
        orders, subscriptions = ProductOrderApi(client), EventsSubscriptionApi(client)
        subscription = subscriptions.register_listener(
            EventSubscriptionInput(callback="https://partner.example/events")
        )
        placed = orders.create_product_order(_an_order())
        changed = orders.patch_product_order(placed.id, _a_change(placed))
        retrieved = orders.retrieve_product_order(placed.id)
        listed = orders.list_product_order()
        found = {
            "callback": subscription.callback,
            "placed": placed.to_dict(),
            "changed": changed.to_dict(),
            "retrieved": retrieved.to_dict(),
            "listed": [order.to_dict() for order in listed],
            "cancelled": _cancel(client, placed.id),
            "refused": _refused(orders, placed.id),
            "unknown": _refused(orders, "nothing"),
        }
        subscriptions.unregister_listener(subscription.id)
        return found


def _an_order() -> Any:
    customer = RelatedParty(id="ada", role="customer", name="Ada", referred_type="Customer")
    item = ProductOrderItem(
        id="1",
        action=OrderItemActionType.ADD,
        quantity=1,
        product_offering=ProductOfferingRef(id="internet", name="Internet"),
    )
    return ProductOrderCreate(related_party=[customer], product_order_item=[item])


def _a_change(order: Any) -> Any:
    """The definition asks for the items with every change, so this client sends them."""
    return ProductOrderUpdate(description="changed", product_order_item=order.product_order_item)


def _cancel(client: Any, order_id: str) -> Any:
    cancellations = CancelProductOrderApi(client)
    asked = cancellations.create_cancel_product_order(
        CancelProductOrderCreate(
            cancellation_reason="moving abroad", product_order=ProductOrderRef(id=order_id)
        )
    )
    return cancellations.retrieve_cancel_product_order(asked.id).to_dict()


def _refused(orders: Any, order_id: str) -> dict[str, Any]:
    """What deleting an order that can't be deleted gives: an Error, as this client reads it."""
    try:
        orders.delete_product_order(order_id)
    except ApiException as refusal:
        return {"status": refusal.status, "error": refusal.data.to_dict()}
    return {}


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1]), default=str))
