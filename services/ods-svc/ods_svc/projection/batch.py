"""Messages of both buses as rows of the projection, and their writing: three statements a batch."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from dualbus_events.catalogue import FACT_TOPICS
from dualbus_events.messages import Envelope
from dualbus_events.tasks import HEARTBEAT_TOPIC
from dualbus_kit.database import Connection

from ods_svc.projection.facts import ProjectedFact, project_fact, upsert_facts
from ods_svc.projection.heartbeats import Beat, keep_beats, project_beat
from ods_svc.projection.timeline import add_to_timeline
from ods_svc.projection.track import Step, project_reply, project_task, upsert_track

_RESOURCES = {topic.name: topic.resource for topic in FACT_TOPICS}


@dataclass
class Projected:
    """What a batch of messages says, in their order."""

    facts: list[ProjectedFact] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    beats: list[Beat] = field(default_factory=list)

    def add(self, envelope: Envelope) -> None:
        """Read one message. Raises UnreadableFact, UnreadableMessage or ValueError."""
        topic = envelope.record.topic
        resource = _RESOURCES.get(topic)
        if resource is not None:
            self.facts.append(project_fact(envelope, resource))
        elif topic == HEARTBEAT_TOPIC.name:
            self.beats.append(project_beat(envelope))
        elif topic.startswith("task-reply."):
            self.steps.append(project_reply(envelope))
        else:
            self.steps.append(project_task(envelope))

    async def write(self, connection: Connection) -> None:
        """Into the tables that the connection finds by their names; in its transaction."""
        await upsert_facts(connection, self.facts)
        await add_to_timeline(connection, self.facts)
        await upsert_track(connection, self.steps)
        await keep_beats(connection, self.beats)


def projected(envelopes: Iterable[Envelope]) -> Projected:
    """All messages of a batch. Raises what `Projected.add` raises."""
    batch = Projected()
    for envelope in envelopes:
        batch.add(envelope)
    return batch
