"""A service on the buses: what it is made of, and the process that runs it."""

import argparse
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg
import orjson
from dualbus_kit.database import open_pool
from dualbus_kit.health import Health
from dualbus_kit.logs import configure_logging
from dualbus_kit.service import Part, Process, run
from dualbus_kit.settings import ServiceSettings
from dualbus_kit.tracing import configure_tracing
from fastapi import APIRouter
from sqlalchemy import MetaData

from dualbus_events import calls, timers
from dualbus_events.batches import ConsumerSpec
from dualbus_events.consumer import ConsumerLoop
from dualbus_events.heartbeat import Heartbeat
from dualbus_events.housekeeping import Housekeeping
from dualbus_events.kafka import KafkaConsumer, KafkaProducer
from dualbus_events.lag import CaughtUp
from dualbus_events.landing import landing_router
from dualbus_events.operations import operations_router
from dualbus_events.pace import STEADY
from dualbus_events.reconciliation import owner_facts_router
from dualbus_events.relay import Relay
from dualbus_events.schema.asyncapi import service_document
from dualbus_events.schema.router import asyncapi_router, schema_router
from dualbus_events.unit_of_work import OUTBOX, Database

_COMMANDS = ("serve", "migrate", "asyncapi")

Command = Callable[[ServiceSettings, Sequence[str]], int]


@dataclass(frozen=True)
class TimerSpec:
    """Timers of one kind and what to do when they come due."""

    kind: str
    fire: timers.Fire


@dataclass(frozen=True)
class CallSpec:
    """Calls of one kind to an outside system. `perform` is made from the settings at start."""

    kind: str
    perform: Callable[[ServiceSettings], calls.Perform]
    complete: calls.Complete


@dataclass(frozen=True)
class ServiceSpec:
    """Everything a service is made of. `name` is the short one: `order` for order-svc."""

    name: str
    title: str
    metadata: MetaData
    migrations: Path
    routers: Sequence[APIRouter]
    consumers: Sequence[ConsumerSpec] = ()
    timers: Sequence[TimerSpec] = ()
    calls: Sequence[CallSpec] = ()
    relay_rest: float = STEADY
    """How long the relay rests after a round, in rounds."""
    settings: type[ServiceSettings] = ServiceSettings
    observe: Callable[[Database], CaughtUp] | None = None
    """Told how far the consumers are, for projections that say how fresh they are."""
    warm_up: Sequence[Callable[["RunningService"], Awaitable[None]]] = ()
    parts: Sequence[Callable[["RunningService"], Part]] = ()
    """What else runs beside the consumers."""
    commands: Mapping[str, Command] = field(default_factory=dict)
    """What else `python -m <name>_svc` does, by name: settings and arguments to an exit code."""


@dataclass
class RunningService:
    """What endpoints find under `app.state.service`."""

    spec: ServiceSpec
    settings: ServiceSettings
    database: Database = field(init=False)
    consumers: list[ConsumerLoop] = field(default_factory=list)


class _Connection:
    """The first part to start and the last to stop: the pool that all others use."""

    def __init__(self, service: RunningService, parts: list[Part], health: Health) -> None:
        self._service = service
        self._parts = parts
        self._health = health
        self._pool: asyncpg.Pool | None = None

    async def start(self) -> None:
        service, settings = self._service, self._service.settings
        self._pool = await open_pool(
            settings.database_url,
            size=settings.database_pool_size,
            application_name=f"{service.spec.name}-svc",
        )
        _assemble(service, self._pool, self._parts, self._health)
        for warm_up in service.spec.warm_up:
            await warm_up(service)
        for part in self._parts:
            await part.start()

    async def stop(self) -> None:
        """Stop the other parts in reverse order, then close the pool."""
        for part in reversed(self._parts):
            await part.stop()
        if self._pool is not None:
            await self._pool.close()


def _assemble(
    service: RunningService, pool: asyncpg.Pool, parts: list[Part], health: Health
) -> None:
    spec, settings = service.spec, service.settings
    source = f"{spec.name}-svc"
    servers = settings.kafka_bootstrap_servers

    async def database_answers() -> str | None:
        await pool.fetchval("SELECT 1")
        return None

    health.add("database", database_answers)
    parts.append(Housekeeping(pool))
    database = service.database = Database(pool, source=source, public_url=settings.public_url)
    if "relay" in settings.roles:
        relay = Relay(pool, KafkaProducer(servers), rest=spec.relay_rest)
        health.add("relay", relay.alive)
        parts.append(relay)
        parts.append(Heartbeat(database, spec.name))
        database.listen(OUTBOX, relay.wake)
    if "consumer" not in settings.roles:
        return
    observe = spec.observe(database) if spec.observe else None
    for consumer in spec.consumers:
        client = KafkaConsumer(
            servers, group=consumer.group, topics=consumer.handlers.topics, client_id=source
        )
        loop = ConsumerLoop(client, database, consumer, observe=observe)
        service.consumers.append(loop)
        health.add(consumer.group, loop.alive)
        parts.append(loop)
    for call in spec.calls:
        calling = calls.CallRunner(
            database, kind=call.kind, perform=call.perform(settings), complete=call.complete
        )
        health.add(f"calls {call.kind}", calling.alive)
        parts.append(calling)
    for timer in spec.timers:
        timing = timers.TimerRunner(database, kind=timer.kind, fire=timer.fire)
        health.add(f"timers {timer.kind}", timing.alive)
        parts.append(timing)
    parts.extend(part(service) for part in spec.parts)


def process_of(spec: ServiceSpec, settings: ServiceSettings) -> Process:
    """The process of a service with these settings; also what tests run the application from."""
    health = Health()
    service = RunningService(spec, settings)
    return Process(
        title=spec.title,
        settings=settings,
        routers=[
            landing_router(spec.name, spec.title),
            *spec.routers,
            schema_router(spec.name),
            asyncapi_router(spec.name, spec.title, spec.consumers),
            operations_router(spec.consumers),
            owner_facts_router(spec.name, spec.metadata),
        ],
        parts=[_Connection(service, [], health)],
        health=health,
        state=service,
    )


def main(spec: ServiceSpec, argv: Sequence[str] | None = None) -> None:
    """`python -m order_svc` serves; `… migrate` migrates the database.

    `… asyncapi` prints the service's AsyncAPI document, and needs no settings.
    """
    parser = argparse.ArgumentParser(prog=f"python -m {spec.name}_svc", description=spec.title)
    commands = [*_COMMANDS, *spec.commands]
    parser.add_argument("command", nargs="?", choices=commands, default="serve")
    parser.add_argument("arguments", nargs=argparse.REMAINDER)
    options = parser.parse_args(argv)
    if options.command == "asyncapi":
        document = service_document(spec.name, spec.title, spec.consumers)
        sys.stdout.buffer.write(orjson.dumps(document))
        return
    settings = spec.settings.of(spec.name)
    if options.command == "migrate":
        from dualbus_events.migrations.run import upgrade  # serving needs none of alembic

        upgrade(settings.database_url, spec.migrations)
        return
    of_its_own = options.command in spec.commands
    configure_logging(
        service=f"{spec.name}-svc",
        level=settings.log_level,
        stream=sys.stderr if of_its_own else sys.stdout,
    )
    if of_its_own:
        sys.exit(spec.commands[options.command](settings, options.arguments))
    configure_tracing(f"{spec.name}-svc")
    run(process_of(spec, settings))
