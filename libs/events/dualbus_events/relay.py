"""The relay: outbox rows to the broker, in order per key, each at least once.

Reads are set-based and rows are deleted only after the broker's acknowledgement; a shard has one
owner at a time, by an advisory lock of the transaction (bus.md, 2.2 and 2.3).
"""

import asyncio
import contextlib
import random
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

import asyncpg
import orjson
import structlog
from aiokafka.partitioner import murmur2
from dualbus_kit.database import TRANSIENT_DATABASE_ERRORS, Connection

from dualbus_events.broker import OutgoingRecord, PermanentBrokerError, Producer, TopicPartition
from dualbus_events.crash_points import crash_point
from dualbus_events.metrics import RELAY_BATCH, RELAY_PUBLISHED
from dualbus_events.outbox import SHARDS
from dualbus_events.pace import MANY_MESSAGES, STEADY, Pace
from dualbus_events.spans import send_span
from dualbus_events.watermark import Watermark

log = structlog.get_logger(__name__)

_LOCK_SPACE = 20_011
BATCH_PER_SHARD = 500
_IDLE_SECONDS = (0.02, 0.05, 0.1)
_KEEP_SECONDS = 0.25
# Well below the server's limit for idle transactions, after which the shards have a new owner:
# what was read here would stand behind what that one published.
_STALE_SECONDS = 5.0
_BACKOFF_SECONDS = 1.0
_UNKNOWN_TOPIC_SECONDS = 5.0

# Deletes what was acknowledged, takes the locks of the shards that no other relay holds, and reads
# on, in one round trip. It sets synchronous_commit off: lost in a crash of the server, the deleted
# rows come back and are published again with the same ids, so the commit needn't wait for the disk.
_NEXT = "SELECT * FROM outbox_next($1, $2, $3, $4, $5, $6)"
_LOOK = "SELECT outbox_waiting($1, $2)"
# A key whose record the broker refuses waits in the outbox, whole and in order, behind this mark.
_PARK = """
INSERT INTO outbox_parked (topic, key, event_id, error) VALUES ($1, $2, $3, $4)
ON CONFLICT DO NOTHING
"""


@lru_cache(maxsize=100_000)
def _hash(key: bytes) -> int:
    return int(murmur2(key)) & 0x7FFFFFFF


def partition_of(key: bytes, partitions: int) -> int:
    """Kafka's default partition of a key, the same as every other client computes."""
    return _hash(key) % partitions


@dataclass(frozen=True, slots=True)
class _Row:
    shard: int
    seq: int
    event_id: UUID
    record: OutgoingRecord


class _Refusal(NamedTuple):
    """A record that the broker will never take: the arguments of the mark that parks its key."""

    topic: str
    key: bytes
    event_id: UUID
    error: str


class NothingAcknowledged(ConnectionError):
    """Rows are waiting, and the broker took none of them."""


class Relay:
    """Publishes one database's outbox until stopped. Any number of relays may run at once."""

    def __init__(self, pool: asyncpg.Pool, producer: Producer, *, rest: float = STEADY) -> None:
        self._pool = pool
        self._producer = producer
        self._watermark = Watermark(pool)
        self._pace = Pace(rest)
        self._wake = asyncio.Event()
        self._stopping = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._partitions: dict[str, int] = {}
        self._unknown_until: dict[str, float] = {}

    def wake(self) -> None:
        """A commit in this process wrote to the outbox: look now instead of at the next poll."""
        self._wake.set()

    async def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="relay")

    async def stop(self) -> None:
        """Finish the batch under way and commit it."""
        self._stopping.set()
        self._wake.set()
        if self._task is not None:
            await self._task
        await self._producer.stop()

    async def alive(self) -> str | None:
        """Health: None while the relay runs."""
        return "the relay has stopped" if self._task is None or self._task.done() else None

    async def _run(self) -> None:
        await self._connect()
        idle = 0
        while not self._stopping.is_set():
            try:
                await self._watermark.advance()
                if await self._may_have_rows(idle) and await self.publish_once():
                    idle = 0
                    continue
            except TRANSIENT_DATABASE_ERRORS as error:
                log.warning("relay waits", error=repr(error))
                if not isinstance(error, NothingAcknowledged):
                    self._watermark.forget()
                await self._back_off()
            except Exception:  # a relay that ended would stop this service's whole stream
                log.exception("relay failed; it goes on")
                await self._back_off()
            woken = await self._wait_for_rows(_IDLE_SECONDS[idle])
            idle = 0 if woken else min(idle + 1, len(_IDLE_SECONDS) - 1)

    async def _may_have_rows(self, idle: int) -> bool:
        """One cheap look instead of a transaction, once there has been nothing for a while."""
        if idle < len(_IDLE_SECONDS) - 1:
            return True
        return bool(await self._pool.fetchval(_LOOK, *self._watermark.lows()))

    async def _connect(self) -> None:
        while not self._stopping.is_set():
            try:
                await self._producer.start()
            except Exception as error:  # whatever is wrong with the broker, writers go on
                log.warning("kafka can't be reached", error=repr(error))
                await self._back_off()
            else:
                return

    async def _back_off(self) -> None:
        """A pause that new rows don't cut short: the broker or the database needs it."""
        with contextlib.suppress(TimeoutError):
            seconds = _BACKOFF_SECONDS * random.uniform(0.5, 1.5)  # noqa: S311
            await asyncio.wait_for(self._stopping.wait(), seconds)

    async def publish_once(self) -> int:
        """One transaction, of one or more rounds: read, send, delete what was acknowledged.

        A transaction that found rows is kept for a moment, for more often follow: a round in it
        is one round trip. Returns the number of records acknowledged; raises NothingAcknowledged
        when rows were waiting and none was.
        """
        async with self._pool.acquire() as connection, connection.transaction():
            published, stuck = await self._rounds(connection)
            crash_point("relay_before_commit")
        crash_point("relay_after_commit")
        if stuck:
            raise NothingAcknowledged("the broker acknowledged nothing")
        return published

    async def _rounds(self, connection: Connection) -> tuple[int, bool]:
        """The number of records acknowledged, and whether the broker took none at last."""
        published = idle = 0
        sent: Sequence[_Row] = []
        until = time.monotonic() + _KEEP_SECONDS
        while True:
            last = time.monotonic() >= until or self._stopping.is_set()
            rows = await self._next(connection, sent, limit=0 if last else BATCH_PER_SHARD)
            sent = []
            if rows:
                started, idle = time.perf_counter(), 0
                sent, refused = await self._send_all(rows)
                for refusal in refused:
                    await connection.execute(_PARK, *refusal)
                published += len(sent)
                if not sent and not refused:
                    return published, True
                await self._pace.rest(time.perf_counter() - started, len(rows))
                if len(rows) < MANY_MESSAGES:
                    # The next rows and the deletes of these go in one round trip, if some come.
                    await self._wait_for_rows(_IDLE_SECONDS[0])
            elif last or not published:
                return published, False
            else:
                await self._wait_for_rows(min(_IDLE_SECONDS[idle], until - time.monotonic()))
                idle = min(idle + 1, len(_IDLE_SECONDS) - 1)

    async def _next(
        self, connection: Connection, sent: Sequence[_Row], *, limit: int
    ) -> Sequence[asyncpg.Record]:
        first = random.randrange(SHARDS)  # noqa: S311 - spreads relays, guards nothing
        wanted = [(first + n) % SHARDS for n in range(SHARDS)]
        lows = [self._watermark.low(shard) for shard in wanted]
        shards, seqs = [row.shard for row in sent], [row.seq for row in sent]
        asked = time.monotonic()
        rows = await connection.fetch(_NEXT, shards, seqs, _LOCK_SPACE, wanted, lows, limit)
        while time.monotonic() - asked > _STALE_SECONDS:
            # Either the server is slow, and the locks are still ours, or this process stood still,
            # and the server has ended session and locks: then this raises.
            asked = time.monotonic()
            await connection.execute("SELECT")
        return rows

    async def _send_all(self, rows: Sequence[asyncpg.Record]) -> tuple[list[_Row], list[_Refusal]]:
        """What the broker acknowledged, and what it will never take."""
        groups = await self._grouped(rows)
        crash_point("relay_before_produce")
        results = await asyncio.gather(
            *(self._send(target, group) for target, group in groups.items())
        )
        crash_point("relay_before_delete")
        acknowledged = [row for sent, _ in results for row in sent]
        RELAY_BATCH.observe(len(acknowledged))
        RELAY_PUBLISHED.inc(len(acknowledged))
        return acknowledged, [refusal for _, refusal in results if refusal is not None]

    async def _wait_for_rows(self, seconds: float) -> bool:
        """Until a commit in this process wrote to the outbox (True), or for so long."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._wake.wait(), seconds)
        woken = self._wake.is_set()
        self._wake.clear()
        return woken

    async def _grouped(self, rows: Sequence[asyncpg.Record]) -> dict[TopicPartition, list[_Row]]:
        """Rows per partition, in sequence order; shards follow keys, so order per key is kept."""
        groups: dict[TopicPartition, list[_Row]] = defaultdict(list)
        for row in rows:
            topic, key = row["topic"], row["key"]
            count = self._partitions.get(topic) or await self._look_up(topic)
            if not count:
                continue
            headers = [(k, v.encode()) for k, v in orjson.loads(row["headers"]).items()]
            record = OutgoingRecord(key, row["payload"], headers)
            target = TopicPartition(topic, partition_of(key, count))
            groups[target].append(_Row(row["shard"], row["seq"], row["event_id"], record))
        return groups

    async def _look_up(self, topic: str) -> int:
        """Partitions of a topic; 0 for one the broker doesn't know, whose rows then wait."""
        if time.monotonic() < self._unknown_until.get(topic, 0.0):
            return 0
        try:
            self._partitions[topic] = await self._producer.partition_count(topic)
        except ConnectionError as error:
            log.error("topic unknown; its messages wait", topic=topic, error=repr(error))
            self._unknown_until[topic] = time.monotonic() + _UNKNOWN_TOPIC_SECONDS
            return 0
        return self._partitions[topic]

    async def _send(
        self, target: TopicPartition, rows: list[_Row]
    ) -> tuple[list[_Row], _Refusal | None]:
        records = [row.record for row in rows]
        span = send_span(target, records)
        try:
            acknowledged = await self._producer.send(target, records)
        except PermanentBrokerError as error:
            log.error("the broker refuses a record", topic=target.topic, error=str(error))
            return [], _Refusal(target.topic, rows[0].record.key, rows[0].event_id, str(error))
        finally:
            if span is not None:
                span.end()
        return rows[:acknowledged], None
