"""Hubs on one topic: `topic/{topicId}/hub`."""

from dualbus_events.contract.event import POSTED_EVENTS
from dualbus_events.hub_registration import Hub
from dualbus_events.unit_of_work import UnitOfWork
from dualbus_tmf import openapi
from dualbus_tmf.dependencies import ResourceId, Uow, load_one
from dualbus_tmf.hub.endpoints import deleted, listed, registered, retrieved
from fastapi import APIRouter, Request, Response

from eai_svc.event.reading import TopicId, check_topic
from eai_svc.event.topics import OWNERS_TOPICS, TOPIC_PATH, TOPIC_RESOURCE

router = APIRouter(tags=["event"])
_HUBS = TOPIC_PATH + "/{topicId}/hub"


@router.get(_HUBS, **openapi.list_operation("topicHub", Hub, inside_another=True))
async def list_topic_hubs(request: Request, topic_id: TopicId) -> Response:
    """The hubs that were registered at this topic."""
    await check_topic(request, topic_id)
    return await listed(request, _api(topic_id))


@router.post(
    _HUBS,
    **openapi.create_operation("topicHub", Hub, required=["callback"], inside_another=True),
)
async def register_topic_hub(request: Request, topic_id: TopicId) -> Response:
    """Have the events of this topic posted to a callback."""

    async def hold_topic(uow: UnitOfWork) -> None:
        await load_one(uow, TOPIC_RESOURCE.repository, topic_id)

    owned = topic_id in OWNERS_TOPICS
    return await registered(
        request,
        _api(topic_id),
        [topic_id if owned else POSTED_EVENTS.name],
        event_key=None if owned else topic_id,
        beforehand=hold_topic,
    )


@router.get(_HUBS + "/{id}", **openapi.retrieve_operation("topicHub", Hub))
async def retrieve_topic_hub(
    request: Request, topic_id: TopicId, resource_id: ResourceId
) -> Response:
    """One hub of this topic."""
    return await retrieved(request, _api(topic_id), resource_id)


@router.delete(_HUBS + "/{id}", **openapi.delete_operation("topicHub"))
async def delete_topic_hub(topic_id: TopicId, resource_id: ResourceId, uow: Uow) -> Response:
    """Nothing more is posted to it."""
    return await deleted(uow, _api(topic_id), resource_id)


def _api(topic_id: str) -> str:
    return f"{TOPIC_PATH}/{topic_id}"
