"""Starts the floor's processes, lets the orders through and clears everything away."""

import asyncio
import contextlib
import json
import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit, urlunsplit

import asyncpg
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from dualbus_events.catalogue import TOPICS

from dualbus_cli.bench.completions import Completions
from dualbus_cli.bench.errors import BenchFailed
from dualbus_cli.bench.fanout import FanOut
from dualbus_cli.bench.floor.plan import PREFIX, SERVICES, ServicePlan, floor_plan
from dualbus_cli.bench.floor.storage import SCHEMA
from dualbus_cli.bench.resources import Groups, usage_of
from dualbus_cli.stack import Stack

_READY_SECONDS: Final = 60
_DRAIN_SECONDS: Final = 90
_RESOURCE: Final = PREFIX + "order.product-order.v1"


@dataclass(frozen=True, slots=True)
class FloorResult:
    """`per_s` is orders from the first one placed to the last one complete.

    `cpu_s` is processor seconds by process, `postgres` and `kafka` among them.
    """

    orders: int
    per_s: float
    cpu_s: dict[str, float]


async def run_floor(
    stack: Stack,
    fan_out: FanOut,
    *,
    orders: int,
    in_flight: int,
    seconds: float,
    servers: Callable[[], Groups],
) -> FloorResult:
    """Measure the floor on these servers. Raises BenchFailed when an order gets stuck in it."""
    dsn, bootstrap = stack.dsn, stack.bootstrap
    plans = floor_plan(fan_out)
    async with _databases(dsn), _topics(bootstrap, fan_out), AsyncExitStack() as closing:
        processes = {}
        for name, plan in plans.items():
            settings = _settings(name, plan, dsn, bootstrap, fan_out)
            settings |= {"orders": orders, "in_flight": in_flight, "seconds": seconds}
            processes[name] = await closing.enter_async_context(_process(settings))
        await asyncio.gather(*(_ready(name, one) for name, one in processes.items()))
        completions = await Completions.connect(_own(dsn, "ods"), resource=_RESOURCE)
        closing.push_async_callback(completions.close)
        groups = {**servers(), **{name: [one.pid] for name, one in processes.items()}}
        before = usage_of(groups)
        begun = time.time()
        placed = await _place(processes["order"], seconds=seconds)
        await _all_complete(completions, processes, placed)
        took = max(completions.applied_at.values()) - begun
        return FloorResult(placed, placed / took, usage_of(groups).cpu_since(before))


async def _place(order: asyncio.subprocess.Process, *, seconds: float) -> int:
    """Let the floor's order process place its orders; how many it got through."""
    if order.stdin is None or order.stdout is None:
        raise BenchFailed("The floor's order process has no pipes")
    order.stdin.write(b"go\n")
    async with asyncio.timeout(seconds + _DRAIN_SECONDS):
        line = await order.stdout.readline()
    if not line:
        raise BenchFailed("The floor's order process ended while placing orders")
    return int(line)


async def _all_complete(
    completions: Completions,
    processes: Mapping[str, asyncio.subprocess.Process],
    orders: int,
) -> None:
    deadline = time.monotonic() + _DRAIN_SECONDS
    while len(completions.applied_at) < orders:
        if dead := [name for name, one in processes.items() if one.returncode is not None]:
            raise BenchFailed(f"The floor's {dead} ended in the middle of the run")
        if time.monotonic() > deadline:
            raise BenchFailed(f"The floor completed {len(completions.applied_at)} of {orders}")
        await asyncio.sleep(0.2)
        await completions.look()


def _settings(
    name: str, plan: ServicePlan, dsn: str, bootstrap: str, fan_out: FanOut
) -> dict[str, object]:
    return {
        "name": name,
        "plan": plan.to_json(),
        "dsn": _own(dsn, name),
        "ods_dsn": _own(dsn, "ods"),
        "bootstrap": bootstrap,
        "resource": _RESOURCE,
        "body_bytes": fan_out.body_bytes["order.product-order.v1"],
    }


def _database(service: str) -> str:
    return f"bench_floor_{service}"


def _own(dsn: str, service: str) -> str:
    return urlunsplit(urlsplit(dsn)._replace(path=f"/{_database(service)}"))


@asynccontextmanager
async def _process(settings: dict[str, object]) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "dualbus_cli.bench.floor.service", json.dumps(settings)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        # All it has is about to be dropped, so there is nothing to end in order.
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def _ready(name: str, process: asyncio.subprocess.Process) -> None:
    if process.stdout is not None:
        try:
            async with asyncio.timeout(_READY_SECONDS):
                if await process.stdout.readline() == b"ready\n":
                    return
        except TimeoutError:
            pass
    raise BenchFailed(f"The floor's {name} did not start")


@asynccontextmanager
async def _databases(dsn: str) -> AsyncIterator[None]:
    connection = await asyncpg.connect(dsn)
    try:
        await _drop(connection)
        for service in SERVICES:
            await connection.execute(f"CREATE DATABASE {_database(service)}")
            own = await asyncpg.connect(_own(dsn, service))
            await own.execute(SCHEMA)
            await own.close()
        yield
        await _drop(connection)
    finally:
        await connection.close()


async def _drop(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    for service in SERVICES:
        await connection.execute(f"DROP DATABASE IF EXISTS {_database(service)} WITH (FORCE)")


@asynccontextmanager
async def _topics(bootstrap: str, fan_out: FanOut) -> AsyncIterator[None]:
    """The topics of the fan-out, each with as many partitions as the real one."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    partitions = {topic.name: topic.partitions for topic in TOPICS}
    names = [PREFIX + topic for topic in fan_out.messages]
    try:
        await _delete(admin)
        await admin.create_topics(
            [
                NewTopic(
                    name=PREFIX + topic, num_partitions=partitions[topic], replication_factor=1
                )
                for topic in fan_out.messages
            ]
        )
        await asyncio.sleep(0.5)
        yield
        await admin.delete_topics(names)
    finally:
        await admin.close()


async def _delete(admin: AIOKafkaAdminClient) -> None:
    """Remove what a run that was killed left behind."""
    left = [topic for topic in await admin.list_topics() if topic.startswith(PREFIX)]
    if left:
        await admin.delete_topics(left)
        await asyncio.sleep(1)
