"""What is on Kafka, read as any outsider would: the records of every fact topic."""

import asyncio
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field

from aiokafka import AIOKafkaConsumer
from dualbus_events.catalogue import FACT_TOPICS


@dataclass
class EventLog:
    """Event ids by topic, key and version, as often as they are in the log."""

    events: dict[tuple[str, str, int], list[str]] = field(default_factory=lambda: defaultdict(list))

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
            for records in polled.values():
                for record in records:
                    headers = dict(record.headers)
                    key = (record.key or b"").decode(errors="replace")
                    if "ce_sequence" in headers and (about is None or key in about):
                        version = int(headers["ce_sequence"])
                        log.events[record.topic, key, version].append(headers["ce_id"].decode())
    finally:
        await consumer.stop()
    return log
