"""Draining an outbox: our relay, and the least that bare drivers can do with the same rows."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Sequence

import asyncpg
import orjson
from aiokafka import AIOKafkaProducer
from dualbus_events.kafka import KafkaProducer
from dualbus_events.relay import Relay, partition_of

from dualbus_cli.bench.bus.ground import GAUGE, Ground

_BATCH = 8_000
_READ = """
SELECT shard, seq, topic, key, headers, payload FROM outbox ORDER BY shard, seq LIMIT $1
"""
_DELETE = """
DELETE FROM outbox o USING unnest($1::smallint[], $2::bigint[]) sent(shard, seq)
WHERE o.shard = sent.shard AND o.seq = sent.seq
"""


async def drain_with_relay(ground: Ground) -> float:
    """Seconds until the outbox is empty."""
    producer = KafkaProducer(ground.bootstrap)
    await producer.start()
    relay = Relay(ground.pool, producer)
    try:
        await producer.partition_count(GAUGE.name)
        begun = time.perf_counter()
        while await relay.publish_once():
            pass
        return time.perf_counter() - begun
    finally:
        await relay.stop()


async def drain_bare(ground: Ground) -> float:
    """Seconds, for one reader that needs no locks: read in order, append, send, delete."""
    producer = AIOKafkaProducer(
        bootstrap_servers=ground.bootstrap,
        acks="all",
        enable_idempotence=False,
        max_batch_size=400_000,
        compression_type="lz4",
    )
    await producer.start()
    connection = await asyncpg.connect(ground.dsn)
    try:
        await producer.partitions_for(GAUGE.name)
        begun = time.perf_counter()
        while rows := await connection.fetch(_READ, _BATCH):
            await _send(producer, rows)
            await connection.execute(
                _DELETE, [row["shard"] for row in rows], [row["seq"] for row in rows]
            )
        return time.perf_counter() - begun
    finally:
        await connection.close()
        await producer.stop()


async def _send(producer: AIOKafkaProducer, rows: Sequence[asyncpg.Record]) -> None:
    groups: dict[int, list[asyncpg.Record]] = defaultdict(list)
    for row in rows:
        groups[partition_of(row["key"], GAUGE.partitions)].append(row)
    await asyncio.gather(*(_send_to(producer, n, group) for n, group in groups.items()))


async def _send_to(producer: AIOKafkaProducer, partition: int, rows: list[asyncpg.Record]) -> None:
    batch = producer.create_batch()
    for row in rows:
        headers = [(k, v.encode()) for k, v in orjson.loads(row["headers"]).items()]
        record = {"key": row["key"], "value": row["payload"], "headers": headers}
        if batch.append(timestamp=None, **record) is None:
            batch.close()
            await (await producer.send_batch(batch, GAUGE.name, partition=partition))
            batch = producer.create_batch()
            batch.append(timestamp=None, **record)
    batch.close()
    await (await producer.send_batch(batch, GAUGE.name, partition=partition))
