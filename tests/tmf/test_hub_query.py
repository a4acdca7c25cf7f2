"""The query of a hub, and the keys that webhooks are signed with."""

from typing import Any

import orjson
import pytest
from dualbus_tmf.filters import InvalidFilter
from dualbus_tmf.hub.query import EventQuery
from dualbus_tmf.hub.signing import signature_headers, signing_key

ORDER_EVENT = "ProductOrderStateChangeEvent"


def an_event(event_type: str = ORDER_EVENT, **order: Any) -> tuple[str, bytes]:
    body = {
        "state": "completed",
        "orderDate": "2026-03-01T09:30:00.000Z",
        "priority": 2,
        "expedited": True,
        "relatedParty": [{"id": "7", "role": "customer"}, {"id": "9", "role": "seller"}],
        **order,
    }
    whole = {"eventType": event_type, "domain": "order", "event": {"productOrder": body}}
    return event_type, orjson.dumps(whole)


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        (None, True),
        ("", True),
        ("?", True),
        (f"eventType={ORDER_EVENT}", True),
        (f"?eventType=ProductOrderCreateEvent,{ORDER_EVENT}", True),
        ("eventType=ProductOrderCreateEvent", False),
        ("domain=order", True),
        ("domain=billing", False),
        ("event.productOrder.state=completed", True),
        ("event.productOrder.state=failed,completed", True),
        ("event.productOrder.state='completed'", True),
        ("event.productOrder.state=failed", False),
        ("event.productOrder.state.ne=failed", True),
        ("event.productOrder.state.ne=completed", False),
        ("event.productOrder.absent.ne=1", True),
        ("event.productOrder.absent=1", False),
        ("event.productOrder.priority=2", True),
        ("event.productOrder.priority=2.0", True),
        ("event.productOrder.priority.gt=1", True),
        ("event.productOrder.priority.gt=2", False),
        ("event.productOrder.priority.lte=2", True),
        ("event.productOrder.expedited=true", True),
        ("event.productOrder.expedited=1", False),
        ("event.productOrder.orderDate=2026-03-01T10:30:00%2B01:00", True),
        ("event.productOrder.orderDate.lt=2026-03-01T09:30:00Z", False),
        ("event.productOrder.orderDate.gte=2026-03-01T09:30:00Z", True),
        ("event.productOrder.relatedParty.id=7", True),
        (
            "event.productOrder.relatedParty.id=7&event.productOrder.relatedParty.role=customer",
            True,
        ),
        ("event.productOrder.relatedParty.id=7&event.productOrder.relatedParty.role=seller", False),
        (f"eventType={ORDER_EVENT}&event.productOrder.state=failed", False),
    ],
)
def test_a_query_picks_events(query: str | None, wanted: bool) -> None:
    assert EventQuery.parse(query).wants(*an_event()) is wanted


@pytest.mark.parametrize(
    "query",
    [
        "completed",
        "fields=id",
        "event.productOrder.state.regex=(a+)+",
        "=1",
        "a b=1",
        f"a={'x' * 2000}",
    ],
)
def test_what_is_no_query_of_ours_is_refused(query: str) -> None:
    with pytest.raises(InvalidFilter):
        EventQuery.parse(query)


def test_only_topics_with_events_that_may_match_are_read() -> None:
    offered = ["order.product-order.v1", "order.product.v1"]

    assert EventQuery.parse("domain=order").topics(offered) == sorted(offered)
    assert EventQuery.parse(f"eventType={ORDER_EVENT}").topics(offered) == [offered[0]]
    assert EventQuery.parse("eventType=CustomerCreateEvent").topics(offered) == []


def test_each_subscriber_has_a_key_of_its_own() -> None:
    keys = {signing_key("secret", "a"), signing_key("secret", "b"), signing_key("other", "a")}

    assert len(keys) == 3
    assert signing_key("secret", "a") in keys
    assert all(key.startswith("whsec_") for key in keys)


def test_the_signature_is_that_of_the_specifications_example() -> None:
    # The example of standardwebhooks.com's reference libraries.
    headers = signature_headers(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        message_id="msg_p5jXN8AQM9LWM0D4loKWxJek",
        at=1614265330,
        body=b'{"test": 2432232314}',
    )

    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
