"""A trial: one bus of its own, processes that use it, faults, and the verdict at the end."""

import asyncio
import itertools
import random
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import asyncpg
from aiokafka.admin import NewTopic
from dualbus_events.unit_of_work import Database

from tests.chaos.checker import Counts, examine
from tests.chaos.child_program import ChildConfig
from tests.chaos.children import Child
from tests.chaos.clients import an_admin, read_topic
from tests.chaos.evidence import change_of, gather, lag_of
from tests.chaos.history import History
from tests.chaos.workload import (
    PARTITIONS,
    Change,
    Counter,
    CounterDocument,
    Counters,
    counter_changed,
    counter_topic,
    record_committed,
)
from tests.waiting import eventually


class Trial:
    """Starts children on one database and one topic, and compares what became of it all.

    `seen` is what the verdict tells beside the checker's counts: kills, refusals, waits.
    """

    def __init__(
        self,
        *,
        seed: int,
        directory: Path,
        pool: asyncpg.Pool,
        config: ChildConfig,
        stack: AsyncExitStack,
    ) -> None:
        self.chance = random.Random(seed)
        self.directory = directory
        self.pool = pool
        self.database = Database(pool, source="chaos")
        self.topic = config.topic
        self.keys = config.keys
        self.dsn = config.dsn
        self.bootstrap = config.bootstrap
        self.history_path = directory / "history.jsonl"
        self.history = History(self.history_path, by="test")
        self.seen: dict[str, object] = {}
        self.counts: Counts | None = None
        self._config = config
        self._stack = stack
        self._stack.callback(self.history.close)
        self._consumers: set[int] = set()
        self._numbers = itertools.count(1)

    async def prepare(self, *, replicas: int = 1) -> None:
        """The topic, and one counter for each key, created in one commit."""
        await create_topic(self.bootstrap, self.topic, replicas=replicas)
        await self.write(*(Counter(CounterDocument(id=key)) for key in self._config.keys))

    async def write(self, *counters: Counter, nonce: str = "created") -> list[Change]:
        """Count up in this process: new counters, or changed ones of `change`."""
        event = counter_changed(counter_topic(self.topic))
        changes = [counter.count_up(nonce, event) for counter in counters]
        async with self.database.unit_of_work() as uow:
            uow.add(*counters)
            await record_committed(uow, changes)
        self.history.note("acknowledged", changes=changes)
        return changes

    async def change(self, key: str, *, nonce: str) -> Change:
        """Count one counter up in this process."""
        event = counter_changed(counter_topic(self.topic))
        async with self.database.unit_of_work() as uow:
            [counter] = await uow.load(Counters, [key])
            change = counter.count_up(nonce, event)
            await record_committed(uow, [change])
        self.history.note("acknowledged", changes=[change])
        return change

    async def start(
        self,
        role: str,
        *,
        crash_at: str | None = None,
        environment: Mapping[str, str] | None = None,
        **changes: Any,
    ) -> Child:
        """Start a child; `changes` are fields of its ChildConfig."""
        name = f"{role.replace(' ', '-')}-{next(self._numbers)}"
        config = replace(self._config, name=name, role=role, **changes)
        if role == "consumer":
            self._consumers.add(config.consumer)
        child = await Child.start(
            config,
            log=self.directory / f"{name}.log",
            history=self.history,
            environment={**(environment or {}), **({"BUS_CRASH_AT": crash_at} if crash_at else {})},
        )
        self._stack.push_async_callback(child.kill)
        return child

    async def started(self, child: Child) -> Child:
        """The child, once it has begun its work."""
        await child.begun()
        return child

    async def drained(self, *, seconds: float = 60) -> None:
        """I5: wait until the outbox is empty and no group lags behind."""
        await self.outbox_empty(seconds=seconds)
        await eventually(self.lag, 0, seconds=seconds)

    async def outbox_empty(self, *, seconds: float = 60) -> None:
        """Wait until all that was committed is on the log."""
        await eventually(self._outbox_left, 0, seconds=seconds)

    async def until_logged(self, change: Change, *, seconds: float = 60) -> None:
        """Wait until a change stands on the log."""

        async def logged() -> bool:
            records = await read_topic(self.bootstrap, self.topic)
            return change in map(change_of, records)

        await eventually(logged, seconds=seconds)

    async def verdict(self, *, crashes: bool = False) -> Counts:
        """Compare; fails when a promise is broken. With `crashes`, records may be repeated.

        So they may when a relay met trouble on its way, as on a machine that is busy with other
        work: the broker took what it could not say in time that it has.
        """
        counts = await self.examine()
        troubles = self._troubles_of_relays()
        if troubles and not crashes:
            self.seen["troubles of relays"] = troubles
        faults = counts.faults(crashes=crashes or troubles > 0)
        assert not faults, f"{faults}; the history is in {self.directory}"
        return counts

    async def examine(self) -> Counts:
        """Compare and return the counts, whatever they are."""
        evidence = await gather(
            self.pool,
            self.bootstrap,
            self.topic,
            self.history_path,
            sorted(self._consumers),
        )
        self.counts = examine(evidence)
        self.history.note("examined", counts=asdict(self.counts))
        return self.counts

    def _troubles_of_relays(self) -> int:
        """Sends that timed out, transactions that a relay had to give up."""
        logs = [path.read_text() for path in self.directory.glob("relay-*.log")]
        events = ("kafka did not acknowledge", "relay waits")
        return sum(log.count(f'"event":"{event}"') for log in logs for event in events)

    async def _outbox_left(self) -> int:
        return int(await self.pool.fetchval("SELECT count(*) FROM outbox"))

    async def lag(self) -> int:
        """Records that no group has committed yet."""
        await asyncio.sleep(0.2)
        return await lag_of(self.bootstrap, self.topic, sorted(self._consumers))


async def create_topic(bootstrap: str, topic: str, *, replicas: int = 1) -> None:
    # One replica may be away: with fewer than two in sync, nothing is acknowledged.
    config = {"min.insync.replicas": str(min(replicas, 2))}
    async with an_admin(bootstrap) as admin:
        await admin.create_topics([NewTopic(topic, PARTITIONS, replicas, topic_configs=config)])
