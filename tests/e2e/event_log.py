"""What is on Kafka, read as any outsider would: the records of every fact topic."""

import asyncio
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from functools import cached_property

from aiokafka import AIOKafkaConsumer, ConsumerRecord
from dualbus_cli.demo.subscriber import SeenEvent
from dualbus_events.catalogue import FACT_TOPICS


@dataclass
class EventLog:
    """The records of the fact topics in the order in which they were read."""

    records: list[SeenEvent] = field(default_factory=list)

    @cached_property
    def events(self) -> dict[tuple[str, str, int], list[str]]:
        """Event ids by topic, key and version, as often as they are in the log."""
        found: dict[tuple[str, str, int], list[str]] = defaultdict(list)
        for one in self.records:
            found[one.topic, one.key, one.version].append(one.event_id)
        return found

    @cached_property
    def deleted(self) -> set[tuple[str, str]]:
        """Topic and key of resources that an owner deleted."""
        return {(r.topic, r.key) for r in self.records if r.event_type.endswith("DeleteEvent")}

    def ids_by_version(self) -> dict[tuple[str, str, int], set[str]]:
        """Different events by topic, key and version: one each, unless a change was made twice."""
        return {where: set(ids) for where, ids in self.events.items()}

    def again(self) -> int:
        """Records that repeat an earlier one, under the same id."""
        return len(self.records) - len({one.event_id for one in self.records})

    def repeated(self) -> list[str]:
        """Versions that are in the log more than once."""
        return [f"{where}: {ids}" for where, ids in self.events.items() if len(ids) > 1]

    def told_differently(self) -> list[str]:
        """Versions that two different events claim to be: changes made twice."""
        return [f"{where}: {ids}" for where, ids in self.events.items() if len(set(ids)) > 1]

    def missing(self) -> list[str]:
        """Versions that are lacking before a later one of the same resource."""
        versions: dict[tuple[str, str], set[int]] = defaultdict(set)
        for topic, key, version in self.events:
            versions[topic, key].add(version)
        return [
            f"{where}: {sorted(seen)}"
            for where, seen in versions.items()
            if seen != set(range(1, max(seen) + 1))
        ]


async def read_log(bootstrap: str, *, about: Collection[str] | None = None) -> EventLog:
    """Everything on the fact topics up to now; `about` keeps only resources with these ids."""
    topics = [topic.name for topic in FACT_TOPICS]
    consumer = AIOKafkaConsumer(
        *topics, bootstrap_servers=bootstrap, auto_offset_reset="earliest", enable_auto_commit=False
    )
    log = EventLog()
    await consumer.start()
    try:
        ends = await consumer.end_offsets(consumer.assignment())
        while [tp for tp, end in ends.items() if await consumer.position(tp) < end]:
            async with asyncio.timeout(30):
                polled = await consumer.getmany(timeout_ms=500)
            seen = [_seen(record) for records in polled.values() for record in records]
            log.records += [one for one in seen if one and (about is None or one.key in about)]
    finally:
        await consumer.stop()
    return log


def _seen(record: ConsumerRecord) -> SeenEvent | None:
    """None for what is no event of ours, such as poison."""
    headers = {name: value.decode(errors="replace") for name, value in record.headers}
    if not headers.get("ce_type", "").endswith("Event"):
        return None
    return SeenEvent(
        topic=record.topic,
        key=(record.key or b"").decode(errors="replace"),
        version=int(headers["ce_sequence"]),
        event_id=headers["ce_id"],
        event_type=headers["ce_type"],
        customer_id=headers.get("ce_customerid"),
    )
