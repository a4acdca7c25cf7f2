"""TMF688: topics, their newest events, and hubs on one topic. Topics and events can't be posted:
topics are made from the catalogue, and an event is published by the owner of its resource only.
"""

from typing import Annotated, cast
from uuid import UUID

import orjson
from dualbus_events.document import Document
from dualbus_events.hub_registration import Hub
from dualbus_kit.errors import NotFound
from dualbus_tmf import openapi
from dualbus_tmf.dependencies import ResourceId, Uow, service_of
from dualbus_tmf.filters import InvalidFilter
from dualbus_tmf.hub.endpoints import deleted, hub_router, listed, registered, retrieved
from dualbus_tmf.list_query import ListQuery, parse_fields, parse_list_query
from dualbus_tmf.matching import matches
from dualbus_tmf.media_types import JSON
from dualbus_tmf.projection import array_of, projected
from fastapi import APIRouter, Path, Request, Response

from eai_svc.event.document import Event, Topic
from eai_svc.event.log_window import find_record, newest_records
from eai_svc.event.topics import EVENT_API, TOPIC_NAMES, TOPIC_PATH, shown, topic_named

router = APIRouter(tags=["event"])
router.include_router(hub_router(EVENT_API, TOPIC_NAMES))

# It has an eventId instead of an id; only its schema is asked for.
_EVENT = cast(type[Document], Event)
_OF_TOPIC = TOPIC_PATH + "/{topicId}"
TopicId = Annotated[str, Path(alias="topicId", description="A topic's name.")]


class EventNotFound(NotFound):
    code = "eventNotFound"
    reason = "The topic holds no such event"


@router.get(TOPIC_PATH, **openapi.list_operation("topic", Topic))
async def list_topics(request: Request) -> Response:
    """Every topic of the ODS bus."""
    settings = service_of(request).settings
    return _page(request, [shown(settings, topic_named(name)).to_bytes() for name in TOPIC_NAMES])


@router.get(TOPIC_PATH + "/{id}", **openapi.retrieve_operation("topic", Topic))
async def retrieve_topic(request: Request, resource_id: ResourceId) -> Response:
    """One topic, by its name."""
    body = shown(service_of(request).settings, topic_named(resource_id)).to_bytes()
    fields = parse_fields(request.query_params.get("fields"))
    return Response(projected(body, fields), media_type=JSON)


@router.get(_OF_TOPIC + "/event", **openapi.list_operation("event", _EVENT))
async def list_events(request: Request, topic_id: TopicId) -> Response:
    """The newest events of a topic that match, the newest first; see `NEWEST`."""
    topic = topic_named(topic_id)
    kafka = service_of(request).settings.kafka_bootstrap_servers
    return _page(request, [record.value for record in await newest_records(kafka, topic.name)])


@router.get(_OF_TOPIC + "/event/{id}", **openapi.retrieve_operation("event", _EVENT))
async def retrieve_event(request: Request, topic_id: TopicId, resource_id: ResourceId) -> Response:
    """One event, by its eventId: the bytes that were published."""
    topic = topic_named(topic_id)
    try:
        event_id = UUID(resource_id)
    except ValueError:
        raise EventNotFound(f"event {resource_id} is none of {topic.name}") from None
    kafka = service_of(request).settings.kafka_bootstrap_servers
    record = await find_record(kafka, topic.name, event_id)
    if record is None:
        raise EventNotFound(f"event {resource_id} is none of {topic.name}")
    fields = parse_fields(request.query_params.get("fields"))
    return Response(projected(record.value, fields), media_type=JSON)


@router.get(_OF_TOPIC + "/hub", **openapi.list_operation("topicHub", Hub))
async def list_topic_hubs(request: Request, topic_id: TopicId) -> Response:
    """The hubs that were registered at this topic."""
    return await listed(request, _hub_api(topic_id))


@router.post(_OF_TOPIC + "/hub", **openapi.create_operation("topicHub", Hub, required=["callback"]))
async def register_topic_hub(request: Request, topic_id: TopicId) -> Response:
    """Have the events of this topic posted to a callback."""
    return await registered(request, _hub_api(topic_id), [topic_id])


@router.get(_OF_TOPIC + "/hub/{id}", **openapi.retrieve_operation("topicHub", Hub))
async def retrieve_topic_hub(
    request: Request, topic_id: TopicId, resource_id: ResourceId
) -> Response:
    """One hub of this topic."""
    return await retrieved(request, _hub_api(topic_id), resource_id)


@router.delete(_OF_TOPIC + "/hub/{id}", **openapi.delete_operation("topicHub"))
async def delete_topic_hub(topic_id: TopicId, resource_id: ResourceId, uow: Uow) -> Response:
    """Nothing more is posted to it."""
    return await deleted(uow, _hub_api(topic_id), resource_id)


def _hub_api(topic_id: str) -> str:
    return f"{TOPIC_PATH}/{topic_named(topic_id).name}"


def _page(request: Request, bodies: list[bytes]) -> Response:
    """The page that was asked for, of those that match. Raises InvalidFilter."""
    query = parse_list_query(request.query_params.multi_items(), document=Document)
    if query.sort or any(one.operator == "regex" for one in query.filters):
        raise InvalidFilter("sort and regex are not offered here")
    matching = [body for body in bodies if _matches(query, body)]
    page = matching[query.offset : query.offset + query.limit]
    partial = query.paged and len(page) < len(matching)
    return Response(
        array_of(page, query.fields),
        status_code=206 if partial else 200,
        headers={"X-Total-Count": str(len(matching)), "X-Result-Count": str(len(page))},
        media_type=JSON,
    )


def _matches(query: ListQuery, body: bytes) -> bool:
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        return False  # a stranger wrote it
    return isinstance(value, dict) and matches(query.filters, value)
