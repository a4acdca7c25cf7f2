"""One process of the floor: `python -m dualbus_cli.bench.floor.service <settings>`."""

import asyncio
import contextlib
import json
import sys
import time
from collections.abc import Sequence
from typing import Any, Final

import asyncpg
import uvloop
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord
from pydantic_core import from_json

from dualbus_cli.bench.completions import Completions
from dualbus_cli.bench.floor.plan import PLACE, Action, Outgoing, ServicePlan
from dualbus_cli.bench.floor.relay import FloorRelay
from dualbus_cli.bench.floor.storage import ACT, COPY, Pool
from dualbus_cli.bench.window import Window

_CONNECTIONS: Final = 8
_PLACERS: Final = 32


class FloorService:
    """Reads its topics and does, for each message, what its plan says."""

    def __init__(self, plan: ServicePlan, pool: Pool, relay: FloorRelay) -> None:
        self._plan = plan
        self._pool = pool
        self._relay = relay

    async def run(self, consumer: AIOKafkaConsumer) -> None:
        """Partitions side by side, the messages of each in order; offsets once per batch."""
        while True:
            polled = await consumer.getmany(timeout_ms=100, max_records=500)
            if polled:
                await asyncio.gather(*(self._take(records) for records in polled.values()))
                await consumer.commit()

    async def act(self, action: Action, order_id: str, body: bytes) -> None:
        """One statement: the row, and all that goes out."""
        out = action.out
        await self._pool.execute(
            ACT,
            order_id,
            action.bit,
            body,
            [o.topic for o in out],
            [_key(o, order_id) for o in out],
            [_value(o, order_id) for o in out],
            [o.need for o in out],
        )
        self._relay.wake()

    async def _take(self, records: Sequence[ConsumerRecord[bytes, bytes]]) -> None:
        for record in records:
            value = from_json(record.value or b"{}")
            if record.topic == self._plan.tasks_from:
                action = self._plan.actions[value["type"]]
                await self.act(action, value["order"], record.value or b"")
            if record.topic in self._plan.copies:
                await self._copy(record, value)

    async def _copy(self, record: ConsumerRecord[bytes, bytes], value: dict[str, Any]) -> None:
        # Messages of one process have one key, so each type of them has a row of its own.
        resource = record.topic if value["type"] == "fact" else f"{record.topic} {value['type']}"
        await self._pool.execute(
            COPY,
            resource,
            (record.key or b"").decode(),
            value["version"],
            value["state"],
            record.value,
        )


def _key(out: Outgoing, order_id: str) -> bytes:
    is_own = out.type != "fact" or "product-order" in out.topic
    return (order_id if is_own else f"{order_id}:{out.topic}").encode()


def _value(out: Outgoing, order_id: str) -> bytes:
    head = {"type": out.type, "order": order_id, "version": out.version, "state": out.state}
    start = json.dumps(head)[:-1] + ', "fill": "'
    return (start + "x" * max(0, out.size - len(start) - 2) + '"}').encode()


async def place_orders(service: FloorService, action: Action, settings: dict[str, Any]) -> int:
    """Place orders under the same limits as the bench's own clients; the number of them."""
    completions = await Completions.connect(settings["ods_dsn"], resource=settings["resource"])
    window = Window(completions, limit=settings["in_flight"])
    numbers = iter(range(settings["orders"]))
    body = b"x" * settings["body_bytes"]
    deadline = time.monotonic() + settings["seconds"]
    placed = 0

    async def placer() -> None:
        nonlocal placed
        for n in numbers:
            if time.monotonic() > deadline:
                break
            placed += 1
            await window.enter()
            await service.act(action, f"order-{n}", body)
            window.entered(f"order-{n}")

    async with window.following():
        await asyncio.gather(*(placer() for _ in range(_PLACERS)))
    await completions.close()
    return placed


async def run(settings: dict[str, Any]) -> None:
    """Work until the process is ended from outside."""
    plan = ServicePlan.from_json(settings["plan"])
    pool = await asyncpg.create_pool(
        settings["dsn"], min_size=_CONNECTIONS, max_size=_CONNECTIONS, command_timeout=60
    )
    producer = AIOKafkaProducer(bootstrap_servers=settings["bootstrap"], acks="all")
    consumer = AIOKafkaConsumer(
        *{*plan.copies, *([plan.tasks_from] if plan.tasks_from else [])},
        bootstrap_servers=settings["bootstrap"],
        group_id=f"bench.floor.{settings['name']}",
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        fetch_max_wait_ms=100,
    )
    await producer.start()
    await consumer.start()
    relay = FloorRelay(pool, producer)
    service = FloorService(plan, pool, relay)
    async with asyncio.TaskGroup() as group:
        group.create_task(relay.run())
        group.create_task(service.run(consumer))
        while not consumer.assignment():  # noqa: ASYNC110 - the library has no event for it
            await asyncio.sleep(0.05)
        print("ready", flush=True)
        if PLACE in plan.actions:
            await asyncio.to_thread(sys.stdin.readline)
            print(await place_orders(service, plan.actions[PLACE], settings), flush=True)


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        uvloop.run(run(json.loads(sys.argv[1])))
