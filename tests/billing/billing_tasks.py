"""Tasks for billing as order-svc sends them."""

from typing import Any

from dualbus_events.tasks import Task
from dualbus_kit.ids import new_id

from tests.harness import a_task

JANUARY_10 = "2026-01-10T08:30:00.000Z"


def a_customer(customer_id: str, name: str = "Ada Byron") -> dict[str, Any]:
    return {
        "id": customer_id,
        "name": name,
        "role": "customer",
        "@referredType": "Customer",
    }


def an_open_task(customer_id: str, *, order_id: str | None = None, **changes: Any) -> Task:
    """`billing.open`; the customer is not the first of the order's parties."""
    payload: dict[str, Any] = {
        "productOrder": {"id": order_id or new_id(), "href": "http://order/1"},
        "customerId": customer_id,
        "relatedParty": [{"id": "agent-1", "role": "seller"}, a_customer(customer_id)],
        "items": [{"id": "1", "action": "add", "productOffering": {"id": "fibre"}}],
        "results": {"customer.verify": {"customer": {"id": customer_id}}},
        **changes,
    }
    return a_task("billing.open", payload)


def a_price(
    value: float, *, price_id: str = "fibre-monthly", price_type: str = "recurring", **changes: Any
) -> dict[str, Any]:
    return {
        "name": price_id,
        "priceType": price_type,
        "recurringChargePeriod": "month",
        "price": {"taxIncludedAmount": {"unit": "USD", "value": value}},
        "productOfferingPrice": {"id": price_id},
        **changes,
    }


def a_start_task(
    *prices: dict[str, Any],
    customer_id: str = "customer-1",
    product_id: str | None = None,
    activated_at: str = JANUARY_10,
    account_id: str = "account-1",
    order_id: str | None = None,
    item: dict[str, Any] | None = None,
) -> Task:
    payload = {
        "productOrder": {"id": order_id or new_id(), "href": "http://order/1"},
        "customerId": customer_id,
        "relatedParty": [{"id": "agent-1", "role": "seller"}, a_customer(customer_id)],
        "item": {
            "id": "1",
            "action": "add",
            "product": {"id": product_id or new_id(), "name": "Fibre"},
            "itemPrice": list(prices),
            **(item or {}),
        },
        "productOffering": {"id": "fibre", "name": "Fibre optic"},
        "results": {
            "billing.open": {"billingAccount": {"id": account_id, "name": "Account of Ada"}},
            "provisioning.activate": {
                "service": {"id": "service-1"},
                "resource": [{"id": "port-1"}],
                "activatedAt": activated_at,
            },
        },
    }
    return a_task("billing.start", payload)


def a_stop_task(product_id: str, ceased_at: str, *, customer_id: str = "customer-1") -> Task:
    payload = {
        "productOrder": {"id": new_id()},
        "customerId": customer_id,
        "item": {"id": "1", "action": "delete", "product": {"id": product_id}},
        "results": {"provisioning.cease": {"service": {"id": "s"}, "ceasedAt": ceased_at}},
    }
    return a_task("billing.stop", payload)


def an_undo(task: Task, result: dict[str, Any] | None = None) -> Task:
    payload = {**task.payload, "undoes": task.task_id, "result": result or {}}
    return a_task(f"{task.type}.undo", payload, process_id=task.process_id)
