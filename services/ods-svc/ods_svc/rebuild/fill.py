"""Fill the second set of tables from the topics; its positions are committed with its rows."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import asyncpg
import structlog
from dualbus_events.broker import ReceivedRecord, TopicPartition
from dualbus_events.log_reader import LogReader
from dualbus_events.messages import open_envelope
from dualbus_kit.database import Connection
from dualbus_kit.errors import Invalid

from ods_svc.projection.batch import Projected
from ods_svc.projection.track import upsert_track
from ods_svc.rebuild.staging import is_staging, merge, stage
from ods_svc.rebuild.twin import NEXT

log = structlog.get_logger(__name__)

_BATCH = 10_000
_POLL_MS = 300
# Rows are lost with the positions that were committed with them, so nothing need wait for the disk.
_SESSION = f"SET search_path TO {NEXT}, public; SET synchronous_commit TO off"
# Found in the twin's schema, which comes first on this session's path.
_KEEP_POSITIONS = """
INSERT INTO position (topic, kpartition, next_offset)
SELECT * FROM unnest($1::text[], $2::int[], $3::bigint[])
ON CONFLICT (topic, kpartition) DO UPDATE SET next_offset = excluded.next_offset
"""
_POSITIONS = "SELECT topic, kpartition, next_offset FROM position"


async def aim_at_twin(connection: Connection) -> None:
    """From now on this session finds the second set of tables by the names of the first."""
    await connection.execute(_SESSION)


@dataclass
class _Batch:
    rows: Projected = field(default_factory=Projected)
    positions: dict[TopicPartition, int] = field(default_factory=dict)


class Fill:
    """Reads the log from where the twin's positions are. `connection` is aimed at the twin."""

    def __init__(self, source: LogReader, connection: Connection) -> None:
        self._source = source
        self._connection = connection
        self.positions: dict[TopicPartition, int] = {}
        """Offsets up to which the twin's tables hold the log, committed."""
        self.unreadable = 0
        self.applied = 0
        self._staging = False

    async def resume(self) -> None:
        """Begin where the twin's tables end; at the beginning when they are empty."""
        self._staging = await is_staging(self._connection)
        beginnings = dict(await self._source.offsets_at(0))
        rows = await self._connection.fetch(_POSITIONS)
        kept = {TopicPartition(row[0], row[1]): row[2] for row in rows}
        self.positions = beginnings | kept
        self._source.seek(self.positions)

    def left(self, ends: Mapping[TopicPartition, int]) -> int:
        """Offsets between the twin and `ends`; no fewer than the records there."""
        return sum(max(end - self.positions[at], 0) for at, end in ends.items())

    async def up_to(self, ends: Mapping[TopicPartition, int]) -> None:
        """Apply until every partition is at its offset in `ends`; may go on beyond it.

        A batch is read and projected while the one before is being written.
        """
        writing: asyncio.Task[None] | None = None
        reached = dict(self.positions)
        try:
            while any(reached.get(partition, 0) < end for partition, end in ends.items()):
                batch = self._project(
                    await self._source.poll(timeout_ms=_POLL_MS, max_records=_BATCH)
                )
                if writing is not None:
                    await writing
                writing = asyncio.create_task(self._write(batch))
                reached |= batch.positions
            if writing is not None:
                await writing
        except BaseException:
            if writing is not None:
                await asyncio.gather(writing, return_exceptions=True)
            raise

    async def merge(self, beside: Connection) -> None:
        """Make the tables of what is staged; from now on they are written as those that serve.

        `beside` is a second session, aimed at the twin too.
        """
        if self._staging:
            await merge(self._connection, beside)
            self._staging = False

    async def _write(self, batch: _Batch) -> None:
        if not batch.positions:
            return
        try:
            await self._commit(batch)
        except asyncpg.DataError as error:
            self._leave_out_unstorable(batch.rows, error)
            await self._commit(batch)
        self.applied += len(batch.rows.facts) + len(batch.rows.steps)
        self.positions |= batch.positions

    async def _commit(self, batch: _Batch) -> None:
        async with self._connection.transaction():
            await self._write_rows(batch.rows)
            await self._connection.execute(
                _KEEP_POSITIONS,
                [partition.topic for partition in batch.positions],
                [partition.partition for partition in batch.positions],
                list(batch.positions.values()),
            )

    async def _write_rows(self, rows: Projected) -> None:
        if self._staging:
            await stage(self._connection, rows.facts)
            await upsert_track(self._connection, rows.steps)
        else:
            await rows.write(self._connection)

    def _project(self, polled: Mapping[TopicPartition, Sequence[ReceivedRecord]]) -> _Batch:
        batch = _Batch()
        for partition, records in polled.items():
            for record in records:
                try:
                    batch.rows.add(open_envelope(record))
                except (Invalid, ValueError) as error:
                    self._leave_out(record, error)
            batch.positions[partition] = records[-1].offset + 1
        return batch

    def _leave_out(self, record: ReceivedRecord, error: Exception) -> None:
        """The live projection has parked the same record, which can be repaired there."""
        self.unreadable += 1
        log.warning(
            "record left out",
            topic=record.topic,
            partition=record.partition,
            offset=record.offset,
            error=str(error)[:300],
        )

    def _leave_out_unstorable(self, rows: Projected, error: Exception) -> None:
        """JSON may hold NUL characters, PostgreSQL's text may not: the serving one parked these."""
        before = len(rows.facts) + len(rows.steps)
        rows.facts = [fact for fact in rows.facts if not _holds_nul(fact)]
        rows.steps = [step for step in rows.steps if not _holds_nul(step)]
        left_out = before - len(rows.facts) - len(rows.steps)
        self.unreadable += left_out
        log.warning("records left out", records=left_out, error=str(error)[:300])


def _holds_nul(row: Iterable[object]) -> bool:
    return any(
        "\x00" in value
        if isinstance(value, str)
        else isinstance(value, tuple) and _holds_nul(value)
        for value in row
    )


async def twin_connection(dsn: str) -> asyncpg.Connection:
    """A session of its own, so that its settings end with it."""
    return await asyncpg.connect(
        dsn,
        command_timeout=600,
        server_settings={
            "application_name": "ods-svc rebuild",
            # A rebuild that was stopped while it holds the switch's lock must let go of it.
            "idle_in_transaction_session_timeout": "15s",
            "jit": "off",
        },
    )
