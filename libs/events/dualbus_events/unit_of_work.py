"""The unit of work: aggregates first, then the outbox, then one commit."""

from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, ClassVar, TypeVar

import asyncpg
from dualbus_kit.database import Connection

from dualbus_events.aggregate import Aggregate
from dualbus_events.crash_points import crash_point
from dualbus_events.outbox import OutboxMessage, fact_messages, write_of_messages
from dualbus_events.repository import AlreadyExists, Repository
from dualbus_events.timer_table import write_of_timers
from dualbus_events.writes import Write, carry_out

A = TypeVar("A", bound=Aggregate[Any])


OUTBOX = "outbox"
"""The signal of a commit that wrote to the outbox."""


class UnrecordedChange(RuntimeError):
    """A programming error: an aggregate was changed after its last recorded event."""


class UnitOfWork:
    """One transaction. Load or add aggregates, change them, return: raising rolls everything back.

    `connection` is for the statements a service writes itself, inside the same transaction.
    `public_url` is the base of the hrefs of what handlers create.
    """

    refuse_unrecorded: ClassVar[bool] = False
    """Tests turn this on: it serialises every saved aggregate a second time."""

    def __init__(self, connection: Connection, *, source: str, public_url: str = "") -> None:
        self.connection = connection
        self.source = source
        self.public_url = public_url
        self.committed: list[Callable[[], None]] = []
        """Called after the commit, to tell this process what is stored now."""
        self.signals: set[str] = set()
        self._known: dict[tuple[type[Repository[Any]], str], Aggregate[Any]] = {}
        self._messages: list[OutboxMessage] = []
        self._writes: list[Write] = []
        self._timers: dict[tuple[str, str], float] = {}

    async def load(self, repository: type[Repository[A]], ids: Sequence[str]) -> list[A]:
        """Lock and load, in the order of `ids`. Raises the repository's `not_found`."""
        found = await self.find(repository, ids)
        missing = [id_ for id_ in ids if id_ not in found]
        if missing:
            raise repository.not_found(f"{repository.table.name} {missing[0]} does not exist")
        return [found[id_] for id_ in ids]

    async def find(self, repository: type[Repository[A]], ids: Sequence[str]) -> dict[str, A]:
        """Lock and load those that exist, by id. One statement, whatever the number."""
        unknown = {id_ for id_ in ids if (repository, id_) not in self._known}
        if unknown:
            self._keep(repository, await repository.lock(self.connection, "id", sorted(unknown)))
        known = ((id_, self._known.get((repository, id_))) for id_ in dict.fromkeys(ids))
        return {id_: aggregate for id_, aggregate in known if aggregate}  # type: ignore[misc]

    async def find_by(
        self, repository: type[Repository[A]], column: str, values: Sequence[object]
    ) -> list[A]:
        """Lock and load all whose column has one of the values, in id order.

        Asks the database: what was added or changed in this unit of work and not yet flushed is
        not found by its new values. Flush before when a batch may hold both.
        """
        if not values:
            return []
        return self._keep(repository, await repository.lock(self.connection, column, values))

    def hold(self, repository: type[Repository[A]], id_: str, *, version: int, body: bytes) -> None:
        """Take a row that a statement of the service has locked as loaded by this unit of work."""
        if (repository, id_) not in self._known:
            self._keep(repository, [repository.of_row(version, body)])

    def add(self, *aggregates: Aggregate[Any]) -> None:
        """Store new aggregates at the commit. Raises AlreadyExists for an id that is taken here."""
        for aggregate in aggregates:
            key = (Repository.of(aggregate), aggregate.id)
            if self._known.setdefault(key, aggregate) is not aggregate:
                raise AlreadyExists(f"{key[0].table.name} {aggregate.id} already exists")

    def send(self, *messages: OutboxMessage) -> None:
        """Publish messages that are no facts (tasks, replies) at the commit."""
        self._messages.extend(messages)

    def write(self, write: Write) -> None:
        """Carry this out at the commit, before the aggregates are saved, in their round trip."""
        self._writes.append(write)

    def set_timers(self, kind: str, seconds: Mapping[str, float]) -> None:
        """Have `kind` fire for each key so many seconds after the commit.

        A key has one timer, the one set last.
        """
        self._timers |= {(kind, key): delay for key, delay in seconds.items()}

    def signal(self, name: str) -> None:
        """Tell the database's listeners of this name after the commit: there is work for them."""
        self.signals.add(name)

    async def flush(self) -> None:
        """Save changed aggregates, which takes their locks, and only then write the outbox.

        The order of events per key rests on this sequence (bus.md, 2.2, reader C against D). All
        of it is one round trip. Raises AlreadyExists for an id or another unique value that is
        taken, Superseded when an aggregate was changed by someone else.
        """
        changed: dict[type[Repository[Any]], list[Aggregate[Any]]] = defaultdict(list)
        for (repository, _), aggregate in self._known.items():
            if aggregate.recorded:
                if self.refuse_unrecorded:
                    _refuse_unrecorded_change(aggregate)
                changed[repository].append(aggregate)
        messages = self._facts(changed) + self._messages
        try:
            await carry_out(self.connection, self._all_writes(changed, messages))
        except asyncpg.UniqueViolationError as error:
            if error.table_name in {repository.table.name for repository in changed}:
                raise AlreadyExists(f"{error.table_name}: {error.detail}") from error
            raise
        if messages:
            self.signal(OUTBOX)
        for aggregates in changed.values():
            for aggregate in aggregates:
                aggregate.stored_version = aggregate.version
                aggregate.recorded = []
        self._messages = []
        self._writes = []
        self._timers = {}

    def _all_writes(
        self,
        changed: Mapping[type[Repository[Any]], list[Aggregate[Any]]],
        messages: Sequence[OutboxMessage],
    ) -> list[Write]:
        writes = list(self._writes)
        if self._timers:
            writes.append(write_of_timers(self._timers))
        # One order of tables for everyone, so that two units of work never lock crosswise.
        for repository in sorted(changed, key=lambda r: r.table.name):
            writes += repository.writes(changed[repository])
        if messages:
            writes.append(write_of_messages(messages))
        return writes

    def _facts(
        self, changed: Mapping[type[Repository[Any]], list[Aggregate[Any]]]
    ) -> list[OutboxMessage]:
        return [
            message
            for aggregates in changed.values()
            for aggregate in aggregates
            for event in aggregate.recorded
            for message in fact_messages(
                self.source, event, key=aggregate.id, customer_id=aggregate.customer_id
            )
        ]

    def _keep(self, repository: type[Repository[A]], aggregates: list[A]) -> list[A]:
        return [
            self._known.setdefault((repository, aggregate.id), aggregate)  # type: ignore[misc]
            for aggregate in aggregates
        ]


def _refuse_unrecorded_change(aggregate: Aggregate[Any]) -> None:
    if aggregate.document.to_bytes() != aggregate.state_bytes:
        raise UnrecordedChange(f"{type(aggregate).__name__} {aggregate.id}")


class Database:
    """Units of work on one service's database."""

    def __init__(self, pool: asyncpg.Pool, *, source: str, public_url: str = "") -> None:
        self.pool = pool
        self.source = source
        self.public_url = public_url
        self._listeners: dict[str, list[Callable[[], None]]] = defaultdict(list)

    def listen(self, signal: str, listener: Callable[[], None]) -> None:
        """Call `listener` after each commit that gave this signal. It must return at once."""
        self._listeners[signal].append(listener)

    @asynccontextmanager
    async def unit_of_work(self) -> AsyncIterator[UnitOfWork]:
        """A transaction: committed when the block ends, rolled back when it raises."""
        async with self.pool.acquire() as connection, connection.transaction():
            uow = UnitOfWork(connection, source=self.source, public_url=self.public_url)
            yield uow
            await uow.flush()
            crash_point("before_commit")
        crash_point("after_commit")
        for signal in uow.signals:
            uow.committed.extend(self._listeners[signal])
        for call in uow.committed:
            call()
