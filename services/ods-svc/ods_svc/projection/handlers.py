"""One handler for every message of both buses: a batch is three statements, whatever is in it."""

from collections.abc import Sequence
from functools import partial

from dualbus_events.catalogue import FACT_TOPICS, TOPICS
from dualbus_events.handlers import Handlers
from dualbus_events.messages import Envelope
from dualbus_events.unit_of_work import UnitOfWork

from ods_svc.projection.facts import project_fact, upsert_facts
from ods_svc.projection.progress import Progress
from ods_svc.projection.timeline import add_to_timeline
from ods_svc.projection.track import project_reply, project_task, upsert_track
from ods_svc.projection.version_gaps import VersionGaps

_RESOURCES = {topic.name: topic.resource for topic in FACT_TOPICS}


def projection_handlers(progress: Progress) -> Handlers:
    """Subscribes to every topic of the catalogue, those of the EAI bus included."""
    handlers = Handlers()
    gaps = VersionGaps()

    @handlers.on_message(*(topic.name for topic in TOPICS))
    async def project(envelopes: Sequence[Envelope], uow: UnitOfWork) -> None:
        facts, steps = [], []
        for envelope in envelopes:
            topic = envelope.record.topic
            resource = _RESOURCES.get(topic)
            if resource is not None:
                facts.append(project_fact(envelope, resource))
            elif topic.startswith("task-reply."):
                steps.append(project_reply(envelope))
            else:
                steps.append(project_task(envelope))
        await upsert_facts(uow.connection, facts)
        await add_to_timeline(uow.connection, facts)
        await upsert_track(uow.connection, steps)
        uow.committed.append(partial(gaps.notice, facts))
        uow.committed.append(progress.after_commit_of(e.record for e in envelopes))

    return handlers
