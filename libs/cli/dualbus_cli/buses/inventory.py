"""The topics as Kafka has them, held against the catalogue."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from dualbus_events.catalogue import TOPICS
from dualbus_events.facts import FactTopic
from dualbus_events.tasks import TaskTopic

from dualbus_cli.buses.connection import connected

_SHOWN_CONFIG = ("cleanup.policy", "retention.ms")


@dataclass(frozen=True)
class TopicState:
    """One topic. `records` counts offsets: compaction leaves holes among them."""

    topic: str
    owner: str
    key: str
    partitions: int
    records: int
    config: Mapping[str, str]
    trouble: str

    def to_dict(self) -> dict[str, Any]:
        """For machines."""
        return {**vars(self), "config": dict(self.config)}


async def topic_states(bootstrap: str) -> list[TopicState]:
    """Every topic of the catalogue and every other one, but Kafka's own. Raises ServerUnreachable.

    `trouble` says in what a topic differs from the catalogue.
    """
    async with connected(bootstrap) as reader:
        admin = reader.admin
        present = sorted(name for name in await admin.list_topics() if not name.startswith("__"))
        counts: dict[str, list[int]] = defaultdict(list)
        for span in await reader.bounds(await reader.partitions(present)):
            counts[span.partition.topic].append(span.end - span.first)
        configs = await _configs(admin, present)
    known = {topic.name: topic for topic in TOPICS}
    states = []
    for name in sorted({*known, *present}):
        topic, sizes, config = known.get(name), counts.get(name, []), configs.get(name, {})
        states.append(
            TopicState(
                topic=name,
                owner=topic.owner if topic else "",
                key=topic.key if topic else "",
                partitions=len(sizes),
                records=sum(sizes),
                config={key: config[key] for key in _SHOWN_CONFIG if key in config},
                trouble=_trouble(topic, len(sizes), config),
            )
        )
    return states


def _trouble(
    wanted: FactTopic[Any] | TaskTopic | None, partitions: int, config: Mapping[str, str]
) -> str:
    if wanted is None:
        return "not in the catalogue"
    if not partitions:
        return "missing: dualbus start creates it"
    differing = [
        f"{name} is {config.get(name)}"
        for name, value in wanted.config.items()
        if config.get(name) != value
    ]
    if partitions != wanted.partitions:
        differing.insert(0, f"{wanted.partitions} partitions in the catalogue")
    return ", ".join(differing)


async def _configs(admin: AIOKafkaAdminClient, topics: Sequence[str]) -> dict[str, dict[str, str]]:
    if not topics:
        return {}
    asked = [ConfigResource(ConfigResourceType.TOPIC, topic) for topic in topics]
    return {
        resource[3]: {entry[0]: entry[1] for entry in resource[4]}
        for answer in await admin.describe_configs(asked)
        for resource in answer.resources
    }
