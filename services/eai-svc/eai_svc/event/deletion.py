"""Deleting a topic: with its hubs and the events that were posted to it."""

from dualbus_events.contract.event import TopicDeleteEvent
from dualbus_events.unit_of_work import UnitOfWork
from dualbus_tmf.dependencies import load_one
from dualbus_tmf.hub.registration import Hubs
from dualbus_tmf.writing import check_if_match
from fastapi import Request

from eai_svc.event.topics import TOPIC_PATH, TOPIC_RESOURCE, check_not_owned


async def delete_topic(request: Request, uow: UnitOfWork, topic_id: str) -> None:
    """Raises TopicHasOwner, TopicNotFound, and PreconditionFailed for another version."""
    check_not_owned(topic_id)
    topic = await load_one(uow, TOPIC_RESOURCE.repository, topic_id)
    check_if_match(request, topic)
    for hub in await uow.find_by(Hubs, "api", [f"{TOPIC_PATH}/{topic_id}"]):
        hub.delete()
    await uow.connection.execute("DELETE FROM event WHERE topic_id = $1", topic.id)
    topic.record(TopicDeleteEvent)
