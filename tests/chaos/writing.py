"""Writers: many at once on few keys, slow here and there, rolling back now and then."""

import asyncio
import random
from dataclasses import dataclass

from dualbus_events.facts import EventType
from dualbus_events.unit_of_work import Database
from dualbus_kit.database import TRANSIENT_DATABASE_ERRORS

from tests.chaos.history import History
from tests.chaos.workload import Change, CounterDocument, Counters, record_committed


class _ChangedMyMind(Exception):
    """One transaction in ten is rolled back, after its outbox rows were written."""


@dataclass(frozen=True, kw_only=True)
class WriterOptions:
    """How much is written: `writes` by each task, or until stopped."""

    tasks: int = 8
    writes: int | None = None
    pause_seconds: float = 0.02
    delay_seconds: float = 0.005


class Writer:
    """Changes one to three counters in a transaction, again and again."""

    def __init__(
        self,
        database: Database,
        event: EventType[CounterDocument],
        keys: list[str],
        options: WriterOptions,
        *,
        name: str,
        seed: int,
        history: History,
    ) -> None:
        self._database = database
        self._event = event
        self._keys = keys
        self._options = options
        self._name = name
        self._seed = seed
        self._history = history
        self._stopping = False

    def stop(self) -> None:
        self._stopping = True

    async def run(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            for number in range(self._options.tasks):
                tasks.create_task(self._write_on(number))

    async def _write_on(self, number: int) -> None:
        chance = random.Random(f"{self._seed}-{self._name}-{number}")
        written = 0
        while not self._stopping and written != self._options.writes:
            await self._write_once(chance, f"{self._name}-{number}-{written}")
            written += 1
            await asyncio.sleep(chance.uniform(0, 2 * self._options.pause_seconds))

    async def _write_once(self, chance: random.Random, nonce: str) -> None:
        changes: list[Change] = []
        try:
            await self._transact(chance, nonce, changes)
        except _ChangedMyMind:
            self._history.note("rolled back", changes=changes)
        except TRANSIENT_DATABASE_ERRORS as error:
            # The commit may or may not have happened: the committed table knows.
            self._history.note("unknown", changes=changes, error=repr(error))
            await asyncio.sleep(0.2)
        else:
            self._history.note("acknowledged", changes=changes)

    async def _transact(self, chance: random.Random, nonce: str, changes: list[Change]) -> None:
        keys = sorted(chance.sample(self._keys, chance.randint(1, 3)))
        delay = self._options.delay_seconds
        async with self._database.unit_of_work() as uow:
            for key in keys:
                [counter] = await uow.load(Counters, [key])
                # Two events of one commit are two versions.
                for _ in range(chance.choice((1, 1, 2))):
                    changes.append(counter.count_up(nonce, self._event))
                await asyncio.sleep(chance.uniform(0, delay))
            await record_committed(uow, changes)
            await uow.flush()
            await asyncio.sleep(chance.choice((0, 0, delay, 4 * delay)))
            if chance.random() < 0.1:
                raise _ChangedMyMind
