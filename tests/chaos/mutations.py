"""What the bus rests on, taken away in one child process or one test's database."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

import asyncpg
from dualbus_events import inbox, unit_of_work
from dualbus_events.broker import ReceivedRecord, TopicPartition
from dualbus_events.kafka import KafkaConsumer
from dualbus_events.outbox import OutboxMessage, write_of_messages
from dualbus_events.parking import Key
from dualbus_events.unit_of_work import UnitOfWork
from dualbus_events.writes import Write
from dualbus_kit.database import Connection


def put(owner: object, name: str, substitute: object) -> None:
    """Replace what the library has under this name. Raises AttributeError when it has nothing."""
    getattr(owner, name)
    setattr(owner, name, substitute)


async def without_the_advisory_lock(pool: asyncpg.Pool) -> None:
    """Every relay of this database takes every shard."""
    function = await pool.fetchval("SELECT pg_get_functiondef('outbox_next'::regproc)")
    lock = "WHERE pg_try_advisory_xact_lock(lock_space, w.shard)"
    assert lock in function, "the relay's function has changed"
    await pool.execute(function.replace(lock, ""))


def _without_the_inbox_claim() -> None:
    """Every message seems new."""

    async def claim(
        _: Connection, __: int, event_ids: Sequence[UUID], ___: Sequence[Key]
    ) -> inbox.Claim:
        return inbox.Claim(set(event_ids), set())

    put(inbox, "claim", claim)


_IN_PLACE: Final = """
INSERT INTO outbox (shard, event_id, topic, key, event_type, agg_version, headers, payload, seq)
OVERRIDING SYSTEM VALUE
SELECT * FROM unnest($1::smallint[], $2::uuid[], $3::text[], $4::bytea[], $5::text[],
                     $6::bigint[], $7::bytea[], $8::bytea[], $9::bigint[]) WHERE :earlier
"""


def _with_the_outbox_before_the_aggregate() -> None:
    """A change takes its place in the outbox before its aggregate's lock (reader D)."""
    load = UnitOfWork.load
    places: dict[object, dict[str, list[int]]] = defaultdict(dict)

    async def take_places_and_load(uow: UnitOfWork, repository: Any, ids: Sequence[str]) -> Any:
        for id_ in ids:
            # Two for each: a counter may count up twice in one commit.
            rows = await uow.connection.fetch(
                "SELECT nextval('outbox_seq_seq') AS place FROM generate_series(1, 2)"
            )
            places[asyncio.current_task()][id_] = [row["place"] for row in rows]
        return await load(uow, repository, ids)

    def write_in_place(messages: Sequence[OutboxMessage]) -> Write:
        taken = places[asyncio.current_task()]
        insert = write_of_messages(messages)
        in_place = [taken[message.key].pop(0) for message in messages]
        return replace(insert, statement=_IN_PLACE, arguments=(*insert.arguments, in_place))

    put(UnitOfWork, "load", take_places_and_load)
    put(unit_of_work, "write_of_messages", write_in_place)


def _with_offsets_committed_when_polled() -> None:
    """Positions are committed as soon as records are handed out, as auto-commit does."""
    poll = KafkaConsumer.poll

    async def poll_and_commit(
        consumer: KafkaConsumer, *, timeout_ms: int, max_records: int
    ) -> Mapping[TopicPartition, Sequence[ReceivedRecord]]:
        polled = await poll(consumer, timeout_ms=timeout_ms, max_records=max_records)
        if polled:
            await consumer.commit({tp: part[-1].offset + 1 for tp, part in polled.items()})
        return polled

    put(KafkaConsumer, "poll", poll_and_commit)


_MUTATIONS: Final[Mapping[str, Callable[[], None]]] = {
    "no inbox claim": _without_the_inbox_claim,
    "outbox before aggregate": _with_the_outbox_before_the_aggregate,
    "offsets committed when polled": _with_offsets_committed_when_polled,
}


def mutate(name: str) -> None:
    _MUTATIONS[name]()
