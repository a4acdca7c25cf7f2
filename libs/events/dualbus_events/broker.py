"""The port to the broker: what relay and consumer need of Kafka, and no more."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

Headers = Sequence[tuple[str, bytes]]


class TopicPartition(NamedTuple):
    """One partition of a topic."""

    topic: str
    partition: int


@dataclass(frozen=True, slots=True)
class OutgoingRecord:
    """What the relay hands over: bytes only."""

    key: bytes
    value: bytes
    headers: Headers


class ReceivedRecord(NamedTuple):
    """A record as it came from the log. `timestamp_ms` is when it was produced.

    A tuple, since a frozen dataclass takes three times as long to make.
    """

    topic: str
    partition: int
    offset: int
    key: bytes
    value: bytes
    headers: Headers
    timestamp_ms: int


class PermanentBrokerError(Exception):
    """The broker will never take this record: too large, no such topic, not allowed."""


class Producer(Protocol):
    """Writes records; those of one partition in the order given, each acknowledged by all."""

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    async def partition_count(self, topic: str) -> int:
        """Number of partitions. Raises ConnectionError while the broker doesn't know the topic."""
        ...

    async def send(self, target: TopicPartition, records: Sequence[OutgoingRecord]) -> int:
        """Send in order, batch after batch; return how many were acknowledged, from the start.

        Raises PermanentBrokerError only when the very first record is refused for good.
        """
        ...


class RebalanceListener(Protocol):
    """Told about the group's rebalances."""

    async def revoked(self) -> None:
        """Partitions are about to be taken away: finish the batch under way first."""
        ...

    async def assigned(self) -> None:
        """A new assignment is in force."""
        ...


class Consumer(Protocol):
    """Reads records as a member of a group; positions are committed explicitly, or not at all."""

    async def start(self, listener: RebalanceListener) -> None: ...

    async def stop(self) -> None: ...

    async def poll(
        self, *, timeout_ms: int, max_records: int
    ) -> Mapping[TopicPartition, Sequence[ReceivedRecord]]:
        """Records per partition, in offset order; empty after the time-out.

        When it raises, records of other partitions may be lost to this member: stop and start it.
        """
        ...

    async def commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        """Commit the offsets of the next records to read."""
        ...

    async def lag(self) -> Mapping[TopicPartition, int]:
        """Records not yet handed out, of each partition assigned to this member."""
        ...
