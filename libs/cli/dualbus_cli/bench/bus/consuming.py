"""Applying a topic's records once each: our consumer, and bare drivers with an inbox table."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from uuid import UUID

import asyncpg
from aiokafka import AIOKafkaConsumer
from dualbus_events.batches import ConsumerSpec
from dualbus_events.broker import Consumer, RebalanceListener, ReceivedRecord, TopicPartition
from dualbus_events.consumer import MAX_RECORDS, ConsumerLoop
from dualbus_events.facts import Fact
from dualbus_events.handlers import Handlers
from dualbus_events.inbox import day_of
from dualbus_events.kafka import KafkaConsumer
from dualbus_events.unit_of_work import UnitOfWork
from dualbus_kit.ids import new_id

from dualbus_cli.bench.bus.ground import GAUGE, Gauge, GaugeChangeEvent, Ground, apply_newest
from dualbus_cli.bench.errors import BenchFailed

_GIVE_UP_SECONDS = 300
_CLAIM = """
INSERT INTO inbox (event_day, consumer, event_id)
SELECT day, 2, id FROM unnest($1::date[], $2::uuid[]) claim(day, id)
ON CONFLICT DO NOTHING RETURNING event_id
"""

handlers = Handlers()


@handlers.on(GaugeChangeEvent)
async def gauges_changed(facts: Sequence[Fact[Gauge]], uow: UnitOfWork) -> None:
    await apply_newest(uow.connection, [f.key for f in facts], [f.version for f in facts])


class Stopwatch:
    """A consumer that knows how many records were applied, and how long that took.

    A batch is applied when the loop asks for the next. The first batch, which waited for the
    group to form, starts the watch and is not counted.
    """

    def __init__(self, consumer: Consumer, *, expected: int) -> None:
        self._consumer = consumer
        self._expected = expected
        self._seen = self._first = 0
        self._begun = self._ended = 0.0
        self.finished = asyncio.Event()

    @property
    def per_s(self) -> float:
        return (self._seen - self._first) / (self._ended - self._begun)

    async def start(self, listener: RebalanceListener) -> None:
        await self._consumer.start(listener)

    async def stop(self) -> None:
        await self._consumer.stop()

    async def poll(
        self, *, timeout_ms: int, max_records: int
    ) -> Mapping[TopicPartition, Sequence[ReceivedRecord]]:
        self._mark()
        polled = await self._consumer.poll(timeout_ms=timeout_ms, max_records=max_records)
        self._seen += sum(len(records) for records in polled.values())
        return polled

    def _mark(self) -> None:
        if self._seen and not self._first:
            self._first, self._begun = self._seen, time.perf_counter()
        if self._seen >= self._expected and not self.finished.is_set():
            self._ended = time.perf_counter()
            self.finished.set()

    async def commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        await self._consumer.commit(offsets)

    async def lag(self) -> Mapping[TopicPartition, int]:
        return await self._consumer.lag()


async def consume(ground: Ground, *, records: int) -> float:
    """Records per second of one consumer over the whole topic; applied ones are duplicates."""
    group = f"bench-{new_id()}"
    client = KafkaConsumer(ground.bootstrap, group=group, topics=handlers.topics, client_id="bench")
    watch = Stopwatch(client, expected=records)
    loop = ConsumerLoop(watch, ground.database, ConsumerSpec(group, 1, handlers))
    await loop.start()
    try:
        async with asyncio.timeout(_GIVE_UP_SECONDS):
            await watch.finished.wait()
    except TimeoutError as error:
        raise BenchFailed(f"{records} records were not applied in time") from error
    finally:
        await loop.stop()
    return watch.per_s


async def consume_bare(ground: Ground, *, records: int) -> float:
    """Records per second: poll, one insert into the inbox, one upsert, commit, in turn."""
    consumer = AIOKafkaConsumer(
        GAUGE.name,
        bootstrap_servers=ground.bootstrap,
        group_id=f"bench-{new_id()}",
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        max_partition_fetch_bytes=2_000_000,
    )
    connection = await asyncpg.connect(ground.dsn)
    await consumer.start()
    try:
        seen = first = 0
        begun = 0.0
        async with asyncio.timeout(_GIVE_UP_SECONDS):
            while seen < records:
                batches = await consumer.getmany(timeout_ms=300, max_records=MAX_RECORDS)
                polled = [record for batch in batches.values() for record in batch]
                if polled:
                    await _apply(connection, polled)
                    seen += len(polled)
                    await consumer.commit()
                if not first:
                    first, begun = seen, time.perf_counter()
        return (seen - first) / (time.perf_counter() - begun)
    finally:
        await consumer.stop()
        await connection.close()


async def _apply(connection: asyncpg.Connection, polled: Sequence[ReceivedRecord]) -> None:
    headers = [dict(record.headers) for record in polled]
    ids = [UUID(of["ce_id"].decode()) for of in headers]
    async with connection.transaction():
        new = {row[0] for row in await connection.fetch(_CLAIM, [day_of(id_) for id_ in ids], ids)}
        fresh = [n for n, id_ in enumerate(ids) if id_ in new]
        if fresh:
            await apply_newest(
                connection,
                [polled[n].key.decode() for n in fresh],
                [int(headers[n]["ce_sequence"]) for n in fresh],
            )
