"""What the bus carries in these tests: counters that are changed, and what each change did."""

from collections import Counter as Tally
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from dualbus_events.aggregate import Aggregate
from dualbus_events.batches import ConsumerSpec
from dualbus_events.document import Document
from dualbus_events.facts import EventType, Fact, FactTopic
from dualbus_events.handlers import Handlers
from dualbus_events.repository import Repository, document_table
from dualbus_events.unit_of_work import UnitOfWork
from dualbus_kit.errors import Invalid
from sqlalchemy import MetaData

PARTITIONS: Final = 4
POISON: Final = "poison"
SLOW: Final = "slow"


class Change(NamedTuple):
    """One version of one counter. The nonce tells it from one that was rolled back."""

    key: str
    version: int
    nonce: str


class CounterDocument(Document):
    count: int = 0
    nonce: str = ""
    filling: str = ""


class Counter(Aggregate[CounterDocument]):
    """Counts one up at each change, so that its count is its version."""

    document_type = CounterDocument

    def count_up(self, nonce: str, as_event: EventType[CounterDocument]) -> Change:
        self.document.count += 1
        self.document.nonce = nonce
        self.record(as_event)
        return Change(self.id, self.version, nonce)


class Counters(Repository[Counter]):
    aggregate = Counter
    table = document_table("counter", MetaData())


# `applied` has no unique key: what is applied twice must be seen twice.
CREATE_TABLES: Final = """
CREATE TABLE counter (id text PRIMARY KEY, version bigint NOT NULL, body jsonb NOT NULL);
CREATE TABLE committed (key text NOT NULL, version bigint NOT NULL, nonce text NOT NULL);
CREATE TABLE applied (position bigint GENERATED ALWAYS AS IDENTITY, consumer int NOT NULL,
                      key text NOT NULL, version bigint NOT NULL, nonce text NOT NULL);
CREATE TABLE view (consumer int, key text, applied bigint NOT NULL, PRIMARY KEY (consumer, key));
CREATE TABLE healed (at timestamptz NOT NULL DEFAULT now());
"""

_COUNT_IN_VIEW = """
INSERT INTO view (consumer, key, applied) SELECT $1, * FROM unnest($2::text[], $3::bigint[])
ON CONFLICT (consumer, key) DO UPDATE SET applied = view.applied + excluded.applied
"""
_APPLY = """
INSERT INTO applied (consumer, key, version, nonce)
SELECT $1, * FROM unnest($2::text[], $3::bigint[], $4::text[])
"""


def counter_topic(name: str) -> FactTopic[CounterDocument]:
    return FactTopic(name, "chaos", "counter", CounterDocument, partitions=PARTITIONS)


def counter_changed(topic: FactTopic[CounterDocument]) -> EventType[CounterDocument]:
    return topic.event("CounterAttributeValueChangeEvent")


def group_of(topic: str, consumer: int) -> str:
    return f"{topic}.{consumer}"


async def record_committed(uow: UnitOfWork, changes: Sequence[Change]) -> None:
    """The oracle's truth: which changes were committed, by the very commit that holds them."""
    await uow.connection.executemany("INSERT INTO committed VALUES ($1, $2, $3)", changes)


def counting_consumer(
    topic_name: str,
    number: int,
    *,
    seconds: float = 0,
    slow_seconds: int = 0,
    topics: Sequence[FactTopic[Any]] = (),
) -> ConsumerSpec:
    """A consumer whose effect is a sum, which shows what is handled twice or never.

    Each batch takes so many seconds in the database, one with a slow change `slow_seconds` more.
    It reads the counters' first major version, or the topics given.
    """
    handlers = Handlers()

    @handlers.on_topic(*(topics or (counter_topic(topic_name),)))
    async def counters_changed(events: Sequence[Fact[Any]], uow: UnitOfWork) -> None:
        changes = [Change(e.key, e.version, e.document.nonce) for e in events]
        poison = [change.nonce for change in changes if POISON in change.nonce]
        if poison and not await _healed(uow):
            raise Invalid(f"nobody can digest {poison[0]}")
        if seconds:
            await uow.connection.execute("SELECT pg_sleep($1)", seconds)
        if any(SLOW in change.nonce for change in changes):
            for _ in range(slow_seconds):
                await uow.connection.execute("SELECT pg_sleep(1)")
        # The view's row locks come first: positions in `applied` are then in commit order per key.
        sums = sorted(Tally(change.key for change in changes).items())
        await uow.connection.execute(
            _COUNT_IN_VIEW, number, [key for key, _ in sums], [count for _, count in sums]
        )
        keys, versions, nonces = zip(*changes, strict=True)
        await uow.connection.execute(_APPLY, number, keys, versions, nonces)

    return ConsumerSpec(group=group_of(topic_name, number), number=number, handlers=handlers)


async def _healed(uow: UnitOfWork) -> bool:
    return bool(await uow.connection.fetchval("SELECT EXISTS (SELECT FROM healed)"))
