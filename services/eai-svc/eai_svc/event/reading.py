"""Events of a topic: what was posted from the table, what owners state from the log."""

from typing import Annotated
from uuid import UUID

import orjson
from dualbus_events.document import Document
from dualbus_tmf import reading
from dualbus_tmf.dependencies import service_of, storable
from dualbus_tmf.filters import Filter, InvalidFilter
from dualbus_tmf.list_query import ListQuery, parse_fields, parse_list_query
from dualbus_tmf.listing import Listing
from dualbus_tmf.matching import matches
from dualbus_tmf.media_types import JSON
from dualbus_tmf.projection import array_of, projected
from fastapi import Path, Request, Response

from eai_svc.event.document import PostedEvent
from eai_svc.event.log_window import find_record, newest_records
from eai_svc.event.posting import events_path
from eai_svc.event.repository import EventNotFound, PostedEvents
from eai_svc.event.topics import TopicNotFound

TopicId = Annotated[str, Path(alias="topicId", description="Identifier of the topic; opaque.")]
_LISTING = Listing(PostedEvents)
_RETRIEVE = "SELECT version, body FROM event WHERE id = $1 AND topic_id = $2"


async def check_topic(request: Request, topic_id: str) -> None:
    """Raises TopicNotFound."""
    pool = service_of(request).database.pool
    if not await pool.fetchval("SELECT 1 FROM topic WHERE id = $1", storable(topic_id)):
        raise TopicNotFound(f"topic {topic_id} does not exist")


async def list_posted(request: Request, topic_id: str) -> Response:
    """A list like any other. Raises TopicNotFound."""
    await check_topic(request, topic_id)
    query = parse_list_query(request.query_params.multi_items(), document=PostedEvent)
    query.filters.append(Filter("topicId", ("topicId",), "eq", (topic_id,)))
    return await reading.listed(request, _LISTING, query, path=events_path(topic_id))


async def retrieve_posted(request: Request, topic_id: str, event_id: str) -> Response:
    """Raises EventNotFound."""
    pool = service_of(request).database.pool
    row = await pool.fetchrow(_RETRIEVE, storable(event_id), storable(topic_id))
    if row is None:
        raise EventNotFound(f"event {event_id} is none of topic {topic_id}")
    return reading.whole(request, version=row["version"], body=row["body"])


async def list_newest(request: Request, topic: str) -> Response:
    """Of the newest events of an owner's topic those that match, the newest first; see `NEWEST`.

    Raises InvalidFilter, LogUnavailable.
    """
    query = parse_list_query(request.query_params.multi_items(), document=Document)
    if query.sort or any(one.operator == "regex" for one in query.filters):
        raise InvalidFilter("sort and regex are not offered here")
    kafka = service_of(request).settings.kafka_bootstrap_servers
    records = await newest_records(kafka, topic)
    matching = [record.value for record in records if _matches(query, record.value)]
    page = matching[query.offset : query.offset + query.limit]
    partial = query.paged and len(page) < len(matching)
    return Response(
        array_of(page, query.fields),
        status_code=206 if partial else 200,
        headers={"X-Total-Count": str(len(matching)), "X-Result-Count": str(len(page))},
        media_type=JSON,
    )


async def find_published(request: Request, topic: str, event_id: str) -> Response:
    """The bytes that an owner published. Raises EventNotFound, LogUnavailable."""
    unknown = EventNotFound(f"event {event_id} is none of topic {topic}")
    try:
        wanted = UUID(event_id)
    except ValueError:
        raise unknown from None
    record = await find_record(service_of(request).settings.kafka_bootstrap_servers, topic, wanted)
    if record is None:
        raise unknown
    fields = parse_fields(request.query_params.get("fields"))
    return Response(projected(record.value, fields), media_type=JSON)


def _matches(query: ListQuery, body: bytes) -> bool:
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        return False  # a stranger wrote it
    return isinstance(value, dict) and matches(query.filters, value)
