"""How far each consumer group is behind, in messages and in seconds, and who is reading at all."""

import asyncio
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient
from dualbus_events.broker import TopicPartition
from dualbus_events.log_spans import Span, SpanReader

from dualbus_cli.buses.connection import connected

Offsets = Mapping[TopicPartition, int]


@dataclass(frozen=True)
class PartitionLag:
    """One partition as one group sees it."""

    partition: TopicPartition
    committed: int
    end: int
    seconds: float
    """Age of the first message that is not committed as handled; 0 when there is none."""

    @property
    def messages(self) -> int:
        return max(0, self.end - self.committed)


@dataclass(frozen=True)
class GroupLag:
    """One consumer group. Without a member nobody reads, whatever its state says."""

    group: str
    state: str
    members: int
    partitions: Sequence[PartitionLag]

    @property
    def messages(self) -> int:
        return sum(one.messages for one in self.partitions)

    @property
    def seconds(self) -> float:
        """Age of the oldest message that waits."""
        return max((one.seconds for one in self.partitions), default=0.0)

    def to_dict(self) -> dict[str, Any]:
        """For machines."""
        return {
            "group": self.group,
            "state": self.state,
            "members": self.members,
            "messages": self.messages,
            "seconds": self.seconds,
            "partition": [
                {
                    "topic": one.partition.topic,
                    "partition": one.partition.partition,
                    "committed": one.committed,
                    "end": one.end,
                    "messages": one.messages,
                    "seconds": one.seconds,
                }
                for one in self.partitions
            ],
        }


async def group_lags(bootstrap: str) -> list[GroupLag]:
    """Every group that has committed offsets or a member. Raises ServerUnreachable.

    Offsets are committed about once a second, so a busy group is never quite at zero here.
    """
    async with connected(bootstrap) as reader:
        admin = reader.admin
        names = sorted(name for name, _, *_ in await admin.list_consumer_groups())
        described = await _described(admin, names)
        offsets = await asyncio.gather(*(_committed(admin, name) for name in names))
        committed = dict(zip(names, offsets, strict=True))
        spans = await _spans(reader, committed.values())
        ages = await _ages(reader, committed.values(), spans)
    return [
        GroupLag(
            group=name,
            state=described[name][0],
            members=described[name][1],
            partitions=[
                PartitionLag(
                    partition, offset, spans[partition].end, ages.get((partition, offset), 0.0)
                )
                for partition, offset in sorted(committed[name].items())
                if partition in spans
            ],
        )
        for name in names
    ]


async def _described(
    admin: AIOKafkaAdminClient, names: Sequence[str]
) -> dict[str, tuple[str, int]]:
    """State and number of members by group."""
    # One at a time: aiokafka 0.14 can't read Kafka's answer about several.
    described = await asyncio.gather(*(admin.describe_consumer_groups([n]) for n in names))
    answers = [answer for answers in described for answer in answers]
    return {
        group[1]: (group[2] or "Unknown", len(group[5]))
        for answer in answers
        for group in answer.groups
    }


async def _committed(admin: AIOKafkaAdminClient, group: str) -> dict[TopicPartition, int]:
    offsets = await admin.list_consumer_group_offsets(group)
    return {TopicPartition(*partition): found.offset for partition, found in offsets.items()}


async def _spans(reader: SpanReader, committed: Iterable[Offsets]) -> dict[TopicPartition, Span]:
    topics = {partition.topic for offsets in committed for partition in offsets}
    # A topic may be gone while a group's offsets in it are still kept.
    partitions = await reader.partitions(topics)
    return {span.partition: span for span in await reader.bounds(partitions)}


async def _ages(
    reader: SpanReader, committed: Iterable[Offsets], spans: Mapping[TopicPartition, Span]
) -> dict[tuple[TopicPartition, int], float]:
    """Seconds since the first unread record was produced, by partition and committed offset."""
    ages: dict[tuple[TopicPartition, int], float] = {}
    for offsets in committed:
        # What a group has not read may be deleted by now: nothing is there to tell an age by.
        behind = {
            tp: offset
            for tp, offset in offsets.items()
            if tp in spans and max(offset, spans[tp].first) < spans[tp].end
        }
        if not behind:
            continue
        now = time.time()
        for partition, record in (await reader.first_records(behind)).items():
            age = max(0.0, now - record.timestamp_ms / 1000)
            ages[partition, behind[partition]] = round(age, 1)
    return ages
