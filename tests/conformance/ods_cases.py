"""ods-svc's resource. It has no POST: owners' facts make a view."""

from typing import Any

from dualbus_events.aggregate import RecordedEvent
from dualbus_events.catalogue import fact_topic
from dualbus_events.facts import EventType
from dualbus_events.outbox import OutboxMessage, fact_message
from dualbus_kit.causation import Cause
from dualbus_kit.clock import timestamp_now
from dualbus_kit.ids import new_id

from tests.conformance.case import Body, Case
from tests.conformance.samples import full_body, sample
from tests.harness import Harness

_VIEW = "/tmf-api/customer360/v4/customer360"
_PARTS = (
    "billingAccount",
    "agreement",
    "customerBill",
    "partyInteraction",
    "product",
    "productOrder",
    "quote",
    "serviceProblem",
    "troubleTicket",
)


async def _a_customer_with_everything(service: Harness) -> Body:
    """Each owner's resource with every attribute of its own definition."""
    customer_id = new_id()
    await service.deliver(
        _fact("customer", customer_id, customer_id),
        *(_fact(resource, new_id(), customer_id) for resource in _PARTS),
    )
    answer = await service.client.get(f"{_VIEW}/{customer_id}")
    assert answer.status_code == 200, answer.text
    view: Body = answer.json()
    # How old it is changes from one read to the next.
    del view["freshness"]
    return view


def _fact(resource: str, id_: str, customer_id: str) -> OutboxMessage:
    topic = fact_topic(resource)
    definition = topic.document.definition
    assert definition is not None
    state = definition.state_attribute
    whole: dict[str, Any] = {
        **full_body(definition, without=frozenset()),
        **(
            {state: sample(definition, state, definition.attributes[state], (), 0)} if state else {}
        ),
        "id": id_,
        "href": f"http://test/{resource}/{id_}",
        "@type": topic.document.__name__,
    }
    body = topic.document.model_validate(whole).to_bytes()
    created = EventType(name=f"{topic.document.__name__}CreateEvent", topic=topic)
    event = RecordedEvent(created, 1, body, timestamp_now(), Cause("conformance"))
    return fact_message("owner-svc", event, key=id_, customer_id=customer_id)


CASES = [
    Case(
        "TMF717",
        "Customer360",
        seed=_a_customer_with_everything,
        not_here={
            "If-Match": "a view has no version: each part has its own",
        },
    )
]
