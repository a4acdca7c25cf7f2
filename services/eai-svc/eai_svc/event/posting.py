"""An event that somebody outside posts to a topic: taken, kept, and sent on, in one commit."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from dualbus_events.contract.event import POSTED_EVENTS, Topic
from dualbus_events.outbox import posted_event_message
from dualbus_events.unit_of_work import UnitOfWork
from dualbus_events.writes import Write
from dualbus_kit.causation import current_cause
from dualbus_kit.clock import timestamp, timestamp_now
from dualbus_kit.errors import Invalid
from dualbus_kit.ids import new_uuid
from dualbus_tmf.bodies import validated
from dualbus_tmf.defined_resource import related_customer
from dualbus_tmf.dependencies import storable
from dualbus_tmf.hrefs import href_of
from dualbus_tmf.hub.query import event_filters
from dualbus_tmf.matching import matches

from eai_svc.event.document import PostedEvent
from eai_svc.event.repository import Posted
from eai_svc.event.topics import TOPIC_PATH, TopicNotFound, check_not_owned

# Its row stays locked until the commit, so that a topic's events are published in the order of
# their versions, and none comes to a topic that is gone.
_NEXT = "UPDATE topic SET posted = posted + 1 WHERE id = $1 RETURNING posted, body"
_INSERT = """
INSERT INTO event (id, version, body, topic_id)
SELECT * FROM unnest($1::text[], $2::bigint[], $3::jsonb[], $4::text[]) WHERE :earlier
"""
# `productOrder.relatedParty.…`: filters on one array hold in the same element of it.
_CONTENT_DEPTH = 2


class EventNotOfTopic(Invalid):
    code = "eventNotOfTopic"
    reason = "The event does not match the queries of its topic"


def events_path(topic_id: str) -> str:
    return f"{TOPIC_PATH}/{topic_id}/event"


async def post_event(uow: UnitOfWork, topic_id: str, given: Mapping[str, Any]) -> Posted:
    """Take one event.

    Raises TopicHasOwner, TopicNotFound, InvalidBody, and EventNotOfTopic where the topic's queries
    exclude it.
    """
    check_not_owned(topic_id)
    row = await uow.connection.fetchrow(_NEXT, storable(topic_id))
    if row is None:
        raise TopicNotFound(f"topic {topic_id} does not exist")
    event_id = new_uuid()
    event = validated(
        PostedEvent,
        {
            "@type": "Event",
            "eventId": str(event_id),
            "eventTime": timestamp_now(),
            "eventType": "Event",
            "correlationId": current_cause().correlation_id,
            **{name: value for name, value in given.items() if value is not None},
            "id": str(event_id),
            "href": href_of(uow, events_path(topic_id), str(event_id)),
            "topicId": topic_id,
        },
    )
    _check_belongs(Topic.from_bytes(row["body"]), event)
    body = event.to_bytes()
    arguments = ([event.id], [row["posted"]], [body], [topic_id])
    uow.write(Write(_INSERT, arguments, 1, partial(RuntimeError, "the event was not stored")))
    uow.send(
        posted_event_message(
            uow.source,
            topic=POSTED_EVENTS.name,
            key=topic_id,
            event_id=event_id,
            event_type=event.event_type,
            sequence=row["posted"],
            time=timestamp(event.event_time),
            customer_id=related_customer(event),
            payload=body,
        )
    )
    return Posted(event, version=row["posted"])


def _check_belongs(topic: Topic, event: PostedEvent) -> None:
    header = event.to_dict()
    content = header.pop("event", None)
    if not (
        matches(event_filters(topic.header_query or ""), header)
        and matches(event_filters(topic.content_query or ""), content, depth=_CONTENT_DEPTH)
    ):
        raise EventNotOfTopic(
            f"topic {topic.id}: headerQuery {topic.header_query!r}, "
            f"contentQuery {topic.content_query!r}"
        )
