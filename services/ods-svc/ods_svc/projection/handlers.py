"""One handler for every message of both buses: a batch is three statements, whatever is in it."""

from collections.abc import Sequence
from functools import partial

from dualbus_events.catalogue import TOPICS
from dualbus_events.handlers import Handlers
from dualbus_events.messages import Envelope
from dualbus_events.tasks import HEARTBEAT_TOPIC
from dualbus_events.unit_of_work import UnitOfWork

from ods_svc.projection.batch import projected
from ods_svc.projection.progress import Progress
from ods_svc.projection.version_gaps import VersionGaps


def projection_handlers(progress: Progress) -> Handlers:
    """Subscribes to every topic of the catalogue, those of the EAI bus included."""
    handlers = Handlers()
    gaps = VersionGaps()

    @handlers.on_message(HEARTBEAT_TOPIC.name, *(topic.name for topic in TOPICS))
    async def project(envelopes: Sequence[Envelope], uow: UnitOfWork) -> None:
        batch = projected(envelopes)
        await batch.write(uow.connection)
        uow.committed.append(partial(gaps.notice, batch.facts))
        uow.committed.append(progress.after_commit_of(e.record for e in envelopes))

    return handlers
