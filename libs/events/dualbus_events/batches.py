"""Applying a batch of records in one transaction: inbox, parked keys, handlers, outbox."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from dualbus_events import inbox, parking
from dualbus_events.broker import ReceivedRecord
from dualbus_events.handlers import BatchHandler, Handlers
from dualbus_events.messages import Envelope, UnreadableMessage, open_envelope
from dualbus_events.metrics import INBOX_DUPLICATES
from dualbus_events.pace import GATHERING
from dualbus_events.parking import Key, Parked
from dualbus_events.spans import ProcessSpans
from dualbus_events.unit_of_work import Database, UnitOfWork

_RELEASE_CHUNK = 500


@dataclass(frozen=True)
class ConsumerSpec:
    """A consumer of a service: its group, its number in the inbox, its handlers.

    With `inbox=False` nothing is deduplicated: for projections whose upserts are guarded by the
    version and so may be repeated at will.
    """

    group: str
    number: int
    handlers: Handlers
    inbox: bool = True
    rest: float = GATHERING
    """How long it rests after a round, in rounds."""


def key_of(record: ReceivedRecord) -> Key:
    """What is parked together and must stay in order."""
    return record.topic, record.key


class BatchApplier:
    """Applies batches for one consumer. `apply` commits everything or raises."""

    def __init__(self, database: Database, spec: ConsumerSpec) -> None:
        self._database = database
        self._spec = spec

    async def apply(self, records: Sequence[ReceivedRecord]) -> int:
        """Apply a batch in one transaction; unreadable records and those of parked keys are parked.

        The number of messages that were handled: not before, and not parked. Raises whatever a
        handler raised; then nothing of the batch has happened.
        """
        with ProcessSpans(self._spec.group) as spans:
            async with self._database.unit_of_work() as uow:
                return await self._apply(records, uow, spans)

    async def replay(self, records: Sequence[ReceivedRecord]) -> None:
        """Forget that these were handled, and handle them again, in one transaction.

        Like `apply` in all else: those of a parked key wait behind it, errors are raised.
        """
        envelopes, _ = _open(records)
        event_ids = [envelope.event_id for envelope in envelopes]
        with ProcessSpans(self._spec.group) as spans:
            async with self._database.unit_of_work() as uow:
                await inbox.forget(uow.connection, self._spec.number, event_ids)
                await self._apply(records, uow, spans)

    async def _apply(
        self, records: Sequence[ReceivedRecord], uow: UnitOfWork, spans: ProcessSpans
    ) -> int:
        envelopes, unreadable = _open(records)
        keys = list({key_of(record) for record in records})
        fresh, parked = await self._claim(uow, envelopes, keys)
        behind = _blocked(fresh, parked, unreadable)
        waiting = {id(envelope) for envelope in behind}
        handled = [envelope for envelope in fresh if id(envelope) not in waiting]
        await self._handle(spans.start(handled), uow)
        if behind or unreadable:
            aside = [*unreadable, *(Parked.behind(envelope.record) for envelope in behind)]
            await parking.park(uow.connection, self._spec.number, aside)
        return len(handled)

    async def park(self, records: Sequence[ReceivedRecord], error: BaseException) -> None:
        """Set records of one key aside: the first because of `error`, the others behind it."""
        envelopes, unreadable = _open(records)
        async with self._database.unit_of_work() as uow:
            fresh, _ = await self._claim(uow, envelopes, [])
            behind = [Parked.behind(e.record) for e in fresh if e.record is not records[0]]
            aside = [Parked.because(records[0], error), *behind, *unreadable]
            await parking.park(uow.connection, self._spec.number, aside)

    async def release(self, key: Key) -> int:
        """Handle the parked records of a key again, in order, and free the key. The number of them.

        Raises what a handler raised; what stood before that record is handled, the rest waits on.
        """
        released, chunk = 0, _RELEASE_CHUNK
        while True:
            try:
                handled = await self._release_chunk(key, chunk)
            except Exception:
                if chunk == 1:
                    raise
                chunk = 1
                continue
            if not handled:
                return released
            released += handled

    async def _release_chunk(self, key: Key, chunk: int) -> int:
        with ProcessSpans(self._spec.group) as spans:
            async with self._database.unit_of_work() as uow:
                return await self._release(key, chunk, uow, spans)

    async def _release(self, key: Key, chunk: int, uow: UnitOfWork, spans: ProcessSpans) -> int:
        connection, number = uow.connection, self._spec.number
        if not await parking.lock_parked_key(connection, number, key):
            return 0
        records = await parking.parked_records(connection, number, key, limit=chunk)
        await self._handle(spans.start([open_envelope(record) for record in records]), uow)
        await uow.flush()
        places = [(record.partition, record.offset) for record in records]
        await parking.forget_parked(connection, number, key, places)
        return len(records)

    async def _claim(
        self, uow: UnitOfWork, envelopes: Sequence[Envelope], keys: Sequence[Key]
    ) -> tuple[list[Envelope], set[Key]]:
        """The messages that this database has not applied yet, and those of `keys` parked."""
        by_id: dict[UUID, Envelope] = {}
        if self._spec.inbox:
            for envelope in envelopes:
                by_id.setdefault(envelope.event_id, envelope)
        claim = await inbox.claim(uow.connection, self._spec.number, list(by_id), keys)
        if not self._spec.inbox:
            return list(envelopes), claim.parked
        INBOX_DUPLICATES.inc(len(envelopes) - len(claim.fresh))
        fresh = [envelope for event_id, envelope in by_id.items() if event_id in claim.fresh]
        return fresh, claim.parked

    async def _handle(self, envelopes: Sequence[Envelope], uow: UnitOfWork) -> None:
        for position, (handler, batch) in enumerate(in_order(envelopes, self._spec.handlers)):
            if position:
                await uow.flush()  # a handler finds what those before it wrote
            await handler(batch, uow)


def _open(records: Sequence[ReceivedRecord]) -> tuple[list[Envelope], list[Parked]]:
    """Envelopes, and what can't be read."""
    envelopes: list[Envelope] = []
    unreadable: list[Parked] = []
    for record in records:
        try:
            envelopes.append(open_envelope(record))
        except UnreadableMessage as error:
            unreadable.append(Parked.because(record, error))
    return envelopes, unreadable


def _blocked(
    envelopes: Sequence[Envelope], parked: set[Key], unreadable: Sequence[Parked]
) -> list[Envelope]:
    """Those of parked keys, and those that stand behind an unreadable record of their key."""
    first_unreadable: dict[Key, int] = {}
    for one in unreadable:
        first_unreadable.setdefault(key_of(one.record), one.record.offset)
    return [
        envelope
        for envelope in envelopes
        if (key := key_of(envelope.record)) in parked
        or envelope.record.offset > first_unreadable.get(key, envelope.record.offset)
    ]


def in_order(
    envelopes: Iterable[Envelope], handlers: Handlers
) -> list[tuple[BatchHandler, list[Envelope]]]:
    """Group by handler, as few groups as possible, so that each key's messages keep their order.

    A message joins the first group of its handler that does not stand before a group in which an
    earlier message of its key already is.
    """
    groups: list[tuple[BatchHandler, list[Envelope]]] = []
    last: dict[bytes, int] = {}
    for envelope in envelopes:
        for handler in handlers.handling(envelope):
            key = envelope.record.key
            position = last.get(key, 0)
            while position < len(groups) and groups[position][0] is not handler:
                position += 1
            if position == len(groups):
                groups.append((handler, []))
            groups[position][1].append(envelope)
            last[key] = position
    return groups
