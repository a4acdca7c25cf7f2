"""Snapshots: an owner publishes again what it has, for topics that no longer hold all of it.

A snapshot goes the way of every event, through the outbox, and at the version that the resource
has. Its rows stay locked until it is committed, so of a key's events on the topic the last one is
always the newest state, and compaction keeps that one.
"""

from typing import Any, NamedTuple

from dualbus_kit.causation import current_cause
from dualbus_kit.clock import timestamp_now

from dualbus_events.aggregate import RecordedEvent
from dualbus_events.document import Document
from dualbus_events.facts import FactTopic
from dualbus_events.outbox import fact_messages
from dualbus_events.repository import Repository
from dualbus_events.unit_of_work import UnitOfWork

_CHUNK = 500
_CROWDED = 2_000

_WAITING = "SELECT count(*) FROM (SELECT FROM outbox LIMIT $1) o"


class Chunk(NamedTuple):
    """What one step of a snapshot did: how many were published, and the id to go on after.

    `last` is None after the last one. `crowded`: the relay has much to do, so nothing was added
    to it; try again in a while.
    """

    published: int
    last: str | None
    crowded: bool = False


async def publish_chunk(
    uow: UnitOfWork, topic: FactTopic[Document], repository: type[Repository[Any]], *, after: str
) -> Chunk:
    """Publish the next 500 resources of a topic in id order. Live events wait behind few of them.

    Raises pydantic's ValidationError for a stored document that today's model does not take.
    """
    if await uow.connection.fetchval(_WAITING, _CROWDED) >= _CROWDED:
        return Chunk(0, after, crowded=True)
    held = await repository.hold(uow.connection, after=after, limit=_CHUNK)
    time, cause = timestamp_now(), current_cause()
    for one in held:
        event = RecordedEvent(topic.snapshot, one.version, one.document.to_bytes(), time, cause)
        uow.send(*fact_messages(uow.source, event, key=one.id, customer_id=one.customer_id))
    return Chunk(len(held), held[-1].id if len(held) == _CHUNK else None)
