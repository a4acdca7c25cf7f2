"""What order-svc's tests share: a small catalogue, orders, and participants that answer."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from dualbus_events.outbox import OutboxMessage, ReplyAddress, reply_message
from dualbus_events.tasks import TaskOutcome, done
from dualbus_kit.causation import Cause

from tests.harness import Harness, Published

CATALOGUE = "/tmf-api/productCatalogManagement/v4"
PLANS = "/dualbus-api/orderFulfilment/v1/fulfilmentPlan"
ORDERS = "/tmf-api/productOrderingManagement/v4/productOrder"
CANCELS = "/tmf-api/productOrderingManagement/v4/cancelProductOrder"
PRODUCTS = "/tmf-api/productInventory/v4/product"

STANDARD_PLAN: dict[str, Any] = {
    "id": "standard",
    "name": "Standard",
    "task": [
        {"id": "customer.verify", "type": "customer.verify", "scope": "order"},
        {
            "id": "billing.open",
            "type": "billing.open",
            "scope": "order",
            "after": ["customer.verify"],
        },
        {
            "id": "provisioning.activate",
            "type": "provisioning.activate",
            "after": ["billing.open"],
            "pivot": True,
            "onFailure": "fallout",
        },
        {"id": "billing.start", "type": "billing.start", "after": ["provisioning.activate"]},
        {"id": "assurance.watch", "type": "assurance.watch", "after": ["provisioning.activate"]},
    ],
}
CEASE_PLAN: dict[str, Any] = {
    "id": "cease",
    "name": "Cease",
    "task": [
        {"id": "customer.verify", "type": "customer.verify", "scope": "order"},
        {
            "id": "provisioning.cease",
            "type": "provisioning.cease",
            "after": ["customer.verify"],
            "pivot": True,
            "onFailure": "fallout",
        },
        {"id": "billing.stop", "type": "billing.stop", "after": ["provisioning.cease"]},
        {"id": "assurance.unwatch", "type": "assurance.unwatch", "after": ["provisioning.cease"]},
    ],
}
RESULTS: Mapping[str, Any] = {
    "customer.verify": {"customer": {"id": "c-1", "name": "Ada", "status": "active"}},
    "billing.open": {"billingAccount": {"id": "ba-1", "href": "http://b/1", "name": "Ada"}},
    "provisioning.activate": {
        "service": {"id": "s-1", "href": "http://p/s-1", "name": "Internet"},
        "resource": [{"id": "r-1", "name": "port", "value": "1/1/1"}],
        "activatedAt": "2026-03-01T10:00:00.000Z",
    },
    "provisioning.cease": {"service": {"id": "s-1"}, "ceasedAt": "2026-04-01T00:00:00.000Z"},
    "billing.start": {"charge": [{"id": "ch-1"}]},
}


async def load_catalogue(harness: Harness) -> None:
    """The offerings `internet` (30.00 a month, 10.00 once) and `retired`, with both plans."""
    await post(harness, PLANS, STANDARD_PLAN)
    await post(harness, PLANS, CEASE_PLAN)
    await post(
        harness,
        f"{CATALOGUE}/productSpecification",
        {
            "id": "internet-spec",
            "name": "Internet access",
            "serviceSpecification": [{"id": "internet-service"}],
            "fulfilmentPlan": [
                {"id": "standard", "action": ["add", "modify"]},
                {"id": "cease", "action": ["delete"]},
            ],
        },
    )
    for id_, kind, amount in (("monthly", "recurring", 30), ("setup", "oneTime", 10)):
        await post(
            harness,
            f"{CATALOGUE}/productOfferingPrice",
            {
                "id": id_,
                "name": id_,
                "priceType": kind,
                "recurringChargePeriodType": "month" if kind == "recurring" else None,
                "price": {"unit": "EUR", "value": amount},
            },
        )
    for id_, status in (("internet", "Active"), ("retired", "Retired")):
        await post(
            harness,
            f"{CATALOGUE}/productOffering",
            {
                "id": id_,
                "name": f"The {id_}",
                "lifecycleStatus": status,
                "productSpecification": {"id": "internet-spec"},
                "productOfferingPrice": [{"id": "monthly"}, {"id": "setup"}],
                "serviceLevelAgreement": {"id": "gold"},
            },
        )
    await harness.forget_published()


async def post(harness: Harness, path: str, body: Mapping[str, Any], **headers: str) -> Any:
    """A POST that must be answered 201; its body."""
    answer = await harness.client.post(path, json=dict(body), headers=headers)
    assert answer.status_code == 201, answer.text
    return answer.json()


def an_item(id_: str = "1", **changes: Any) -> dict[str, Any]:
    return {"id": id_, "action": "add", "productOffering": {"id": "internet"}, **changes}


def an_order(*items: dict[str, Any], customer: str = "c-1", **changes: Any) -> dict[str, Any]:
    """An order whose customer is not the party that is listed first."""
    return {
        "relatedParty": [
            {"id": "agent-7", "role": "salesAgent", "@referredType": "Individual"},
            {"id": customer, "role": "customer", "@referredType": "Customer"},
        ],
        "productOrderItem": list(items) or [an_item()],
        **changes,
    }


async def new_tasks(harness: Harness) -> list[Published]:
    """The tasks sent since the last time; everything published is forgotten."""
    published = await harness.published()
    await harness.forget_published()
    return [one for one in published if one.topic.startswith("task.")]


def reply(task: Published, outcome: TaskOutcome | None = None) -> OutboxMessage:
    """The participant's answer; without an outcome it is done, with the usual result."""
    address = ReplyAddress(
        task_id=task.body["taskId"],
        task_type=task.type,
        process_id=task.body["processId"],
        reply_to=task.body["replyTo"],
        customer_id=task.headers.get("ce_customerid"),
        cause=Cause(task.headers["ce_correlationid"], task.headers["ce_id"]),
    )
    return reply_message("participant", address, outcome or done(RESULTS.get(task.type)))


async def play(
    harness: Harness, answer: Callable[[Published], TaskOutcome | None] = lambda _: None
) -> list[str]:
    """Answer tasks until none are left; their types in the order they were sent."""
    seen: list[str] = []
    while tasks := await new_tasks(harness):
        seen += [task.type for task in tasks]
        await harness.deliver(*(reply(task, answer(task)) for task in tasks))
    return seen


def types(tasks: Sequence[Published]) -> list[str]:
    return [task.type for task in tasks]


async def order_of(harness: Harness, order_id: str) -> Any:
    return (await harness.client.get(f"{ORDERS}/{order_id}")).json()
