"""Messages as the owners would publish them, for the tests of ods-svc."""

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from dualbus_events.aggregate import RecordedEvent
from dualbus_events.catalogue import EVENT_TYPES, fact_topic
from dualbus_events.facts import EventType
from dualbus_events.outbox import OutboxMessage, ReplyAddress, fact_message, reply_message
from dualbus_events.tasks import Task, TaskOutcome
from dualbus_kit.causation import Cause
from dualbus_kit.clock import timestamp

START = datetime(2026, 3, 1, 12, tzinfo=UTC)


def moment(number: int) -> str:
    """The time of a resource's n-th event: a second after the one before."""
    return timestamp(START + timedelta(seconds=number))


def a_fact(
    resource: str,
    body: dict[str, Any],
    *,
    version: int = 1,
    customer: str | None = None,
    event: str | None = None,
    at: int | None = None,
) -> OutboxMessage:
    """An event of a resource; `at` is its second, else its version."""
    kind = resource[0].upper() + resource[1:]
    name = event or ("CreateEvent" if version == 1 else "AttributeValueChangeEvent")
    known = EVENT_TYPES.get(kind + name)
    event_type = known or EventType(name=kind + name, topic=fact_topic(resource))
    recorded = RecordedEvent(
        event_type=event_type,
        version=version,
        body=orjson.dumps({"href": f"http://owner/{resource}/{body['id']}", **body}),
        time=moment(version if at is None else at),
        cause=Cause(correlation_id="order-of-the-day"),
    )
    return fact_message("owner-svc", recorded, key=body["id"], customer_id=customer)


def a_customer(id_: str, *, version: int = 1, **body: Any) -> OutboxMessage:
    whole = {
        "id": id_,
        "name": f"Customer {id_}",
        "status": "active",
        "engagedParty": {"id": f"party-{id_}", "@referredType": "Individual"},
        "@type": "Customer",
        **body,
    }
    return a_fact("customer", whole, version=version, customer=id_)


def an_order(
    id_: str, customer: str, *, version: int = 1, state: str = "acknowledged", items: int = 1
) -> OutboxMessage:
    body = {
        "id": id_,
        "state": state,
        "productOrderItem": [
            {"id": str(number), "action": "add", "state": state} for number in range(1, items + 1)
        ],
        "relatedParty": [
            {"id": "seller", "role": "seller"},
            {"id": customer, "role": "Customer"},
        ],
    }
    return a_fact("productOrder", body, version=version, customer=customer)


def a_reply(task: Task, outcome: TaskOutcome) -> OutboxMessage:
    address = ReplyAddress(
        task_id=task.task_id,
        task_type=task.type,
        process_id=task.process_id,
        reply_to=task.reply_to,
        customer_id=task.customer_id,
        cause=task.cause,
    )
    return reply_message("participant-svc", address, outcome)
