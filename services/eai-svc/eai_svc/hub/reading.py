"""From the log into a subscriber's queue: what matches, never more than there is room for."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import structlog
from dualbus_events.broker import ReceivedRecord, TopicPartition
from dualbus_events.facts import SNAPSHOT
from dualbus_events.log_reader import LogReader
from dualbus_events.messages import Envelope, UnreadableMessage, open_envelope
from dualbus_events.unit_of_work import Database
from dualbus_tmf.hub.query import EventQuery

from eai_svc.hub import queue
from eai_svc.hub.cursors import Cursor, Places, advance, finish, open_cursor
from eai_svc.hub.subscriptions import Subscription

log = structlog.get_logger(__name__)

_POLL_MS = 300
_MAX_RECORDS = 500
_NO_ROOM_SECONDS = 0.2


@dataclass(frozen=True)
class Reader:
    """Reads one cursor of a subscription until it ends or `stopping` is set.

    `queued` is called when there is something to deliver.
    """

    database: Database
    bootstrap_servers: str
    subscription: Subscription
    cursor: Cursor
    queued: Callable[[], None]
    stopping: asyncio.Event

    async def run(self) -> None:
        """Raises CursorMoved when another process reads on, and what the broker raises."""
        if not self.subscription.topics:
            await self.stopping.wait()
            return
        reader = LogReader(
            self.bootstrap_servers, topics=self.subscription.topics, client_id="eai-svc.hub"
        )
        await reader.start()
        try:
            places = await open_cursor(self.database.pool, self.cursor, reader)
            reader.seek({partition: place.next_offset for partition, place in places.items()})
            await self._follow(reader, places)
        finally:
            await reader.stop()

    async def _follow(self, reader: LogReader, places: Places) -> None:
        query, room = EventQuery.parse(self.subscription.query), 0
        while not self.stopping.is_set():
            if not self.cursor.live and _finished(places):
                await finish(self.database.pool, self.cursor)
                return
            if room < _MAX_RECORDS:
                room = await queue.room(self.database.pool, self.subscription.id)
            if room <= 0:
                await asyncio.sleep(_NO_ROOM_SECONDS)
                continue
            polled = await reader.poll(timeout_ms=_POLL_MS, max_records=min(room, _MAX_RECORDS))
            if polled:
                room -= await self._take(polled, places, query)

    async def _take(
        self,
        polled: Mapping[TopicPartition, Sequence[ReceivedRecord]],
        places: Places,
        query: EventQuery,
    ) -> int:
        """Queue what matches and move on, in one transaction; how many were queued."""
        moves = {
            partition: (places[partition].next_offset, records[-1].offset + 1)
            for partition, records in polled.items()
        }
        wanted = [
            envelope
            for partition, records in polled.items()
            for envelope in self._wanted(records, query, places[partition].end_offset)
        ]
        async with self.database.pool.acquire() as connection, connection.transaction():
            if not await queue.lock(connection, self.subscription.id):
                return 0
            await advance(connection, self.cursor, moves)
            if wanted:
                await queue.append(connection, self.cursor, wanted)
        for partition, (_, next_offset) in moves.items():
            places[partition].next_offset = next_offset
        if wanted:
            self.queued()
        return len(wanted)

    def _wanted(
        self, records: Sequence[ReceivedRecord], query: EventQuery, end: int | None
    ) -> list[Envelope]:
        wanted = []
        key = self.subscription.event_key
        for record in records:
            if end is not None and record.offset >= end:
                break
            if key is not None and record.key != key.encode():
                continue
            try:
                envelope = _opened(record)
                if self._concerns(envelope) and query.wants(envelope.event_type, record.value):
                    wanted.append(envelope)
            except (UnreadableMessage, ValueError) as error:
                # No event of ours; the consumers of the topic have parked it.
                log.warning("unreadable record", topic=record.topic, error=repr(error))
        return wanted

    def _concerns(self, envelope: Envelope) -> bool:
        # What an owner tells again did not happen now.
        if envelope.event_type.endswith(SNAPSHOT):
            return False
        return self.cursor.customer_id in (None, envelope.customer_id)


def _opened(record: ReceivedRecord) -> Envelope:
    """Raises UnreadableMessage, also for an event type that can be no part of a path."""
    envelope = open_envelope(record)
    if not (envelope.event_type.isascii() and envelope.event_type.isalnum()):
        raise UnreadableMessage(f"event type {envelope.event_type!r}")
    return envelope


def _finished(places: Places) -> bool:
    return all(
        place.end_offset is not None and place.next_offset >= place.end_offset
        for place in places.values()
    )
