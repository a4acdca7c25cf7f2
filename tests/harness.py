"""Run a service in a test: a fresh database, its endpoints over ASGI, messages to its handlers."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import httpx
import orjson
from dualbus_events.batches import BatchApplier
from dualbus_events.broker import ReceivedRecord
from dualbus_events.migrations.run import upgrade
from dualbus_events.outbox import OutboxMessage, task_message
from dualbus_events.relay import partition_of
from dualbus_events.service import RunningService, ServiceSpec, process_of
from dualbus_events.tasks import Task
from dualbus_events.unit_of_work import Database
from dualbus_kit.causation import Cause
from dualbus_kit.ids import new_id
from dualbus_kit.service import create_app
from fastapi import FastAPI

from tests.published_contract import assert_keeps_contract

_numbers = itertools.count(1)
_offsets = itertools.count()


@cache
def _templates() -> dict[tuple[str, str], str]:
    return {}


def dsn_of(dsn: str, database: str) -> str:
    """The same server, another database."""
    return urlunsplit(urlsplit(dsn)._replace(path=f"/{database}"))


async def fresh_database(server_dsn: str, spec: ServiceSpec | None = None) -> str:
    """The DSN of a new database with the bus's tables and those of the service, migrated once."""
    name = spec.name if spec else "bus"
    templates = _templates()
    admin = await asyncpg.connect(server_dsn)
    try:
        if (server_dsn, name) not in templates:
            template = f"template_{name}_{new_id()[-12:]}"
            await admin.execute(f"CREATE DATABASE {template}")
            versions = spec.migrations if spec else None
            await asyncio.to_thread(upgrade, dsn_of(server_dsn, template), versions)
            templates[server_dsn, name] = template
        database = f"test_{name}_{next(_numbers)}_{new_id()[-12:]}"
        await admin.execute(f"CREATE DATABASE {database} TEMPLATE {templates[server_dsn, name]}")
    finally:
        await admin.close()
    return dsn_of(server_dsn, database)


async def drop_database(server_dsn: str, dsn: str) -> None:
    """Hundreds of them would make the end of the session slow."""
    admin = await asyncpg.connect(server_dsn)
    try:
        await admin.execute(f"DROP DATABASE {urlsplit(dsn).path[1:]} WITH (FORCE)")
    finally:
        await admin.close()


@dataclass(frozen=True)
class Published:
    """One row of the outbox, decoded."""

    topic: str
    key: str
    type: str
    version: int
    headers: dict[str, str]
    body: dict[str, Any]


@dataclass
class Harness:
    """A service under test."""

    client: httpx.AsyncClient
    service: RunningService
    app: FastAPI

    @property
    def database(self) -> Database:
        return self.service.database

    async def deliver(self, *messages: OutboxMessage, consumer: int = 0) -> None:
        """Hand messages to the service's consumer as one batch: inbox, handlers, outbox, commit.

        The same message may be delivered again; its handler's errors are raised.
        """
        applier = BatchApplier(self.database, self.service.spec.consumers[consumer])
        await applier.apply([record_of(message) for message in messages])

    async def published(
        self, topic: str | None = None, *, event_type: str | None = None
    ) -> list[Published]:
        """What was committed to the outbox, in order; `topic` and `event_type` narrow it down.

        All of it is held against the contract with other systems.
        """
        rows = await self.database.pool.fetch(
            "SELECT topic, key, event_type, agg_version, headers, payload FROM outbox ORDER BY seq"
        )
        everything = [
            Published(
                row["topic"],
                row["key"].decode(),
                row["event_type"],
                row["agg_version"],
                orjson.loads(row["headers"]),
                orjson.loads(row["payload"]),
            )
            for row in rows
        ]
        for one in everything:
            assert_keeps_contract(one.topic, one.headers, one.body)
        return [p for p in everything if topic in (None, p.topic) and event_type in (None, p.type)]

    async def forget_published(self) -> None:
        """Empty the outbox, as a relay would."""
        await self.database.pool.execute("DELETE FROM outbox")


@asynccontextmanager
async def running(
    spec: ServiceSpec,
    server_dsn: str,
    *,
    settings: dict[str, Any] | None = None,
    roles: Sequence[str] = ("api",),
    kafka: str = "127.0.0.1:1",
    database: str | None = None,
) -> AsyncIterator[Harness]:
    """The service on a fresh database, or on one that is left as it was found.

    With roles other than `api` it needs a real broker.
    """
    dsn = database or await fresh_database(server_dsn, spec)
    values = {
        "database_url": dsn,
        "port": 80,
        "base_url": "http://test",
        "roles": frozenset(roles),
        "KAFKA_BOOTSTRAP_SERVERS": kafka,
        "DUALBUS_HUB_SECRET": "of tests",
        **(settings or {}),
    }
    process = process_of(spec, spec.settings(**values))
    app = create_app(process)
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://test") as client,
    ):
        yield Harness(client, app.state.service, app)
    if database is None:
        await drop_database(server_dsn, dsn)


def record_of(message: OutboxMessage) -> ReceivedRecord:
    """A message as it would come from the log."""
    headers = [(name, value.encode()) for name, value in orjson.loads(message.headers).items()]
    key = message.key.encode()
    return ReceivedRecord(
        topic=message.topic,
        partition=partition_of(key, 12),
        offset=next(_offsets),
        key=key,
        value=message.payload,
        headers=headers,
        timestamp_ms=0,
    )


def a_task(type: str, payload: dict[str, Any], **changes: Any) -> Task:  # noqa: A002
    """A task as the process manager sends it; `changes` replace its other fields."""
    fields: dict[str, Any] = {
        "task_id": new_id(),
        "process_id": new_id(),
        "customer_id": payload.get("customerId"),
        "deadline": "2099-01-01T00:00:00.000Z",
        "reply_to": "task-reply.order.v1",
        "cause": Cause(correlation_id=new_id()),
    }
    return Task(type=type, payload=payload, **{**fields, **changes})


def task_messages(*tasks: Task) -> list[OutboxMessage]:
    """Tasks as messages, to deliver; delivering the same list again is a redelivery."""
    return [task_message("order-svc", task) for task in tasks]


def replies_in(published: Sequence[Published]) -> dict[str, dict[str, Any]]:
    """Replies by task id: `outcome`, `result`, `error`."""
    return {p.body["taskId"]: p.body for p in published if p.topic.startswith("task-reply.")}
