"""A process under test: the real library as writer, relay or consumer, until SIGTERM.

Started as `python -m tests.chaos.child_program '<ChildConfig as JSON>'`.
"""

import asyncio
import os
import signal
import sys
import threading
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path

import asyncpg
import orjson
import uvicorn
from dualbus_events import outbox, relay, watermark
from dualbus_events.consumer import ConsumerLoop
from dualbus_events.kafka import KafkaConsumer, KafkaProducer
from dualbus_events.metrics import INBOX_DUPLICATES, REBALANCES, WATERMARK_MISSES
from dualbus_events.outbox import SHARDS
from dualbus_events.relay import Relay
from dualbus_events.unit_of_work import Database
from dualbus_kit.database import open_pool
from dualbus_kit.logs import configure_logging
from prometheus_client import Counter

from tests.chaos.child_faults import block_at, freeze_at, reach_brokers_through
from tests.chaos.counter_api import counter_app
from tests.chaos.history import History
from tests.chaos.majors import published_in_both, read_in_both
from tests.chaos.mutations import mutate, put
from tests.chaos.naive_readers import NaiveReader
from tests.chaos.workload import counter_changed, counter_topic, counting_consumer
from tests.chaos.writing import Writer, WriterOptions


@dataclass(frozen=True, kw_only=True)
class ChildConfig:
    """All a child has to know. `mutation` breaks the library inside that child alone.

    `broker_port` is a proxy's, `port` where the API listens; `handler_seconds` is what each batch
    takes in the database, `slow_seconds` what one with a slow change takes more. New code knows the
    next major version too. The session is the least that a broker allows: a killed member is missed
    sooner than by the library's 15 s.
    """

    name: str
    role: str
    dsn: str
    bootstrap: str
    topic: str
    history: str
    seed: int
    keys: list[str]
    consumer: int = 1
    shards: int = SHARDS
    mutation: str | None = None
    new_code: bool = False
    freeze_at: str | None = None
    block_at: str | None = None
    broker_port: int | None = None
    port: int = 0
    handler_seconds: float = 0
    slow_seconds: int = 0
    session_timeout_ms: int = 6_000
    max_poll_interval_ms: int = 900_000
    writer: WriterOptions = field(default_factory=WriterOptions)

    def to_json(self) -> str:
        return orjson.dumps(asdict(self)).decode()

    @classmethod
    def from_json(cls, text: str) -> "ChildConfig":
        values = orjson.loads(text)
        return cls(**{**values, "writer": WriterOptions(**values["writer"])})


async def _run(config: ChildConfig) -> None:
    history = History(Path(config.history), by=config.name)
    stopping = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
    pool = await _connect(config)
    history.note("started", pid=os.getpid(), role=config.role)
    await _ROLES[config.role](config, pool, stopping, history)
    history.note(
        "ended",
        duplicates=_value(INBOX_DUPLICATES),
        rebalances=_value(REBALANCES),
        watermark_misses=_value(WATERMARK_MISSES),
    )
    await pool.close()


def _value(counter: Counter) -> float:
    [metric] = counter.collect()
    return next(sample.value for sample in metric.samples if sample.name.endswith("_total"))


async def _connect(config: ChildConfig) -> asyncpg.Pool:
    while True:
        try:
            return await open_pool(
                config.dsn, size=config.writer.tasks + 2, application_name=config.name
            )
        except (OSError, asyncpg.PostgresError, TimeoutError):
            await asyncio.sleep(0.2)


async def _write(
    config: ChildConfig, pool: asyncpg.Pool, stopping: asyncio.Event, history: History
) -> None:
    topic = published_in_both(config.topic) if config.new_code else counter_topic(config.topic)
    writer = Writer(
        Database(pool, source="chaos"),
        counter_changed(topic),
        config.keys,
        config.writer,
        name=config.name,
        seed=config.seed,
        history=history,
    )
    run = asyncio.create_task(writer.run())
    stop = asyncio.create_task(stopping.wait())
    await asyncio.wait((run, stop), return_when=asyncio.FIRST_COMPLETED)
    writer.stop()
    stop.cancel()
    await run


async def _relay(
    config: ChildConfig, pool: asyncpg.Pool, stopping: asyncio.Event, history: History
) -> None:
    publisher = Relay(pool, KafkaProducer(config.bootstrap))
    await publisher.start()
    await stopping.wait()
    await publisher.stop()


async def _consume(
    config: ChildConfig, pool: asyncpg.Pool, stopping: asyncio.Event, history: History
) -> None:
    spec = counting_consumer(
        config.topic,
        config.consumer,
        seconds=config.handler_seconds,
        slow_seconds=config.slow_seconds,
        topics=read_in_both(config.topic) if config.new_code else (),
    )
    client = KafkaConsumer(
        config.bootstrap, group=spec.group, topics=spec.handlers.topics, client_id=config.name
    )
    client._settings |= {
        "session_timeout_ms": config.session_timeout_ms,
        "max_poll_interval_ms": config.max_poll_interval_ms,
        "heartbeat_interval_ms": 1_000,
    }
    loop = ConsumerLoop(client, Database(pool, source="chaos"), spec)
    await loop.start()
    await stopping.wait()
    await loop.stop()


async def _serve(
    config: ChildConfig, pool: asyncpg.Pool, stopping: asyncio.Event, history: History
) -> None:
    app = counter_app(Database(pool, source="chaos"), config.topic)
    server = uvicorn.Server(uvicorn.Config(app, port=config.port, log_config=None))
    await server.serve()


async def _read_naively(
    config: ChildConfig, pool: asyncpg.Pool, stopping: asyncio.Event, history: History
) -> None:
    reader = NaiveReader(pool, KafkaProducer(config.bootstrap), cursor=config.role)
    await reader.run(stopping)


_Role = Callable[[ChildConfig, asyncpg.Pool, asyncio.Event, History], Awaitable[None]]
_ROLES: dict[str, _Role] = {
    "writer": _write,
    "relay": _relay,
    "consumer": _consume,
    "api": _serve,
    "reader A": _read_naively,
    "reader B": _read_naively,
}


def _end_with_the_parent() -> None:
    """The parent holds the other end of standard input: when that closes, nobody needs us."""
    os.read(0, 1)
    os._exit(3)


def main(config: ChildConfig) -> None:
    threading.Thread(target=_end_with_the_parent, daemon=True).start()
    configure_logging(service=config.name, level="info")
    for module in (outbox, relay, watermark):
        put(module, "SHARDS", config.shards)
    if config.freeze_at is not None:
        freeze_at(config.freeze_at)
    if config.block_at is not None:
        block_at(config.block_at)
    if config.broker_port is not None:
        reach_brokers_through(config.broker_port)
    if config.mutation is not None:
        mutate(config.mutation)
    asyncio.run(_run(config))


if __name__ == "__main__":
    main(ChildConfig.from_json(sys.argv[1]))
