"""TMF688: topics, their events, and hubs on all topics of the catalogue or on one."""

from typing import cast

from dualbus_events.document import Document
from dualbus_events.unit_of_work import UnitOfWork
from dualbus_tmf import openapi
from dualbus_tmf.bodies import parse_object
from dualbus_tmf.dependencies import ResourceId, Uow, service_of
from dualbus_tmf.etags import etag_of
from dualbus_tmf.hub.endpoints import hub_router
from dualbus_tmf.idempotency import answer_once
from dualbus_tmf.media_types import JSON
from fastapi import APIRouter, Request, Response

from eai_svc.event import deletion, hubs, reading
from eai_svc.event.document import Event, PostedEvent
from eai_svc.event.posting import events_path, post_event
from eai_svc.event.reading import TopicId
from eai_svc.event.topics import EVENT_API, OWNERS_TOPICS, TOPIC_PATH, TOPIC_RESOURCE

router = APIRouter(tags=["event"])
router.include_router(hub_router(EVENT_API, OWNERS_TOPICS))
router.include_router(TOPIC_RESOURCE.router)
router.include_router(hubs.router)

# An owner's has an eventId instead of an id; only its schema is asked for.
_EVENT = cast(type[Document], Event)
_EVENTS = TOPIC_PATH + "/{topicId}/event"


@router.delete(TOPIC_PATH + "/{id}", **openapi.delete_operation("topic"))
async def delete_topic(request: Request, resource_id: ResourceId, uow: Uow) -> Response:
    """With its hubs and events; a topic of the catalogue can't be deleted."""
    await deletion.delete_topic(request, uow, resource_id)
    return Response(status_code=204)


@router.get(_EVENTS, **openapi.list_operation("event", _EVENT, inside_another=True))
async def list_events(request: Request, topic_id: TopicId) -> Response:
    """Events of a topic; of one of the catalogue the newest, the newest first."""
    if topic_id in OWNERS_TOPICS:
        return await reading.list_newest(request, topic_id)
    return await reading.list_posted(request, topic_id)


@router.post(
    _EVENTS,
    **openapi.create_operation("event", PostedEvent, required=(), inside_another=True),
)
async def create_event(request: Request, topic_id: TopicId) -> Response:
    """Post an event: it is kept, published, and delivered to the topic's hubs."""
    body = await parse_object(request)

    async def take(uow: UnitOfWork) -> Response:
        posted = await post_event(uow, topic_id, body)
        return Response(
            posted.document.to_bytes(),
            status_code=201,
            headers={"Location": str(posted.document.href), "ETag": etag_of(posted.version)},
            media_type=JSON,
        )

    database = service_of(request).database
    return await answer_once(request, database, scope=events_path(topic_id), work=take)


@router.get(_EVENTS + "/{id}", **openapi.retrieve_operation("event", _EVENT))
async def retrieve_event(request: Request, topic_id: TopicId, resource_id: ResourceId) -> Response:
    """One event, by its id; of a topic of the catalogue by its eventId."""
    if topic_id in OWNERS_TOPICS:
        return await reading.find_published(request, topic_id, resource_id)
    return await reading.retrieve_posted(request, topic_id, resource_id)
