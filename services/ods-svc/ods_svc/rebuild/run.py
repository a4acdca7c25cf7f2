"""One rebuild: fill, merge, check, switch. It may be killed at any moment and begun again."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict, dataclass

import asyncpg
from dualbus_events.catalogue import TOPICS
from dualbus_events.log_reader import LogReader
from dualbus_kit.clock import utc_now

from ods_svc.rebuild import twin
from ods_svc.rebuild.fill import Fill, aim_at_twin, twin_connection
from ods_svc.rebuild.history import carry_over, missing_facts
from ods_svc.rebuild.staging import create_staging, is_staging

_ONE_AT_A_TIME = 30_011
# Writers wait while the last of the log is applied, so it must not be much.
_LAST_RECORDS = 2_000
_REPORT_EVERY_SECONDS = 1.0


class RebuildRefused(RuntimeError):
    """The tables were not exchanged; the message says why, and what to do."""


@dataclass
class Rebuilt:
    """How a rebuild went; `events` were applied by this run, and indexed, in `fill_seconds`."""

    phase: str = "starting"
    resumed: bool = False
    events: int = 0
    of_events: int = 0
    unreadable: int = 0
    fill_seconds: float = 0.0
    seconds: float = 0.0

    def to_dict(self) -> dict[str, object]:
        return asdict(self)


Report = Callable[[Rebuilt], None]


async def rebuild(
    dsn: str,
    bootstrap_servers: str,
    *,
    restart: bool = False,
    accept_missing: bool = False,
    report: Report = lambda _: None,
) -> Rebuilt:
    """Build the projection anew beside the one that serves, then put it in its place.

    One that was interrupted is resumed, unless `restart`. Raises RebuildRefused while another one
    runs, and when facts would be lost that the topics no longer hold, unless `accept_missing`.
    """
    state, begun = Rebuilt(), time.monotonic()
    connection = await twin_connection(dsn)
    source = LogReader(
        bootstrap_servers, topics=[topic.name for topic in TOPICS], client_id="ods-svc rebuild"
    )
    try:
        await _alone(connection)
        await _prepare(connection, state, restart=restart)
        await source.start()
        fill = Fill(source, connection)
        async with _reported(state, fill, begun, report):
            await _fill(fill, source, state)
            await _merge(fill, dsn, state)
            await _complete(connection, fill, source, state, accept_missing=accept_missing)
            await _switch(connection, fill, source, state)
        state.phase, state.seconds = "done", time.monotonic() - begun
        report(state)
        return state
    finally:
        await source.stop()
        await connection.close()


async def _alone(connection: asyncpg.Connection) -> None:
    if not await connection.fetchval("SELECT pg_try_advisory_lock($1)", _ONE_AT_A_TIME):
        raise RebuildRefused("another rebuild is running")


async def _prepare(connection: asyncpg.Connection, state: Rebuilt, *, restart: bool) -> None:
    state.resumed = not restart and await _is_usable(connection)
    if not state.resumed:
        await twin.drop_twin(connection)
        async with connection.transaction():
            await twin.create_schema(connection)
            await twin.index_table(connection, "track")
            await create_staging(connection)
    await aim_at_twin(connection)


async def _is_usable(connection: asyncpg.Connection) -> bool:
    return await twin.has_columns_of_today(connection) and (
        await is_staging(connection) or await twin.has_indexes_of_today(connection)
    )


async def _fill(fill: Fill, source: LogReader, state: Rebuilt) -> None:
    """Until nearly at the end of the log, which goes on growing meanwhile."""
    begun = time.monotonic()
    state.phase = "filling"
    await fill.resume()
    left = _LAST_RECORDS + 1
    while left > _LAST_RECORDS:
        ends = await source.end_offsets()
        state.of_events = fill.applied + fill.left(ends)
        await fill.up_to(ends)
        left = fill.left(await source.end_offsets())
    state.fill_seconds = time.monotonic() - begun


async def _merge(fill: Fill, dsn: str, state: Rebuilt) -> None:
    begun = time.monotonic()
    state.phase = "merging"
    beside = await twin_connection(dsn)
    try:
        await aim_at_twin(beside)
        await fill.merge(beside)
    finally:
        await beside.close()
    state.fill_seconds += time.monotonic() - begun


async def _complete(
    connection: asyncpg.Connection,
    fill: Fill,
    source: LogReader,
    state: Rebuilt,
    *,
    accept_missing: bool,
) -> None:
    state.phase = "carrying over"
    await carry_over(connection, begun=utc_now())
    state.phase = "checking"
    # What the first set had by now is on the log by now.
    moment = await connection.fetchval("SELECT clock_timestamp()")
    await fill.up_to(await source.end_offsets())
    missing = await missing_facts(connection, applied_before=moment)
    if missing and not accept_missing:
        said = ", ".join(f"{count} {name} (as {one})" for name, (count, one) in missing.items())
        raise RebuildRefused(
            f"The topics no longer hold all that the ODS has: {said}. Let the owners publish it "
            "with `dualbus ods snapshot` and rebuild again; or, if no owner has it, rebuild with "
            "--accept-missing"
        )


async def _switch(
    connection: asyncpg.Connection, fill: Fill, source: LogReader, state: Rebuilt
) -> None:
    """Everything the first set may hold is on the log by the time its writers are locked out."""
    state.phase = "switching"
    await fill.up_to(await source.end_offsets())
    await twin.drop_previous(connection)
    async with connection.transaction():
        await twin.lock_out_writers(connection)
        await fill.up_to(await source.end_offsets())
        await twin.exchange(connection)
    await twin.drop_previous(connection)


@asynccontextmanager
async def _reported(
    state: Rebuilt, fill: Fill, begun: float, report: Report
) -> AsyncIterator[None]:
    def tell() -> None:
        state.events, state.unreadable = fill.applied, fill.unreadable
        state.seconds = time.monotonic() - begun
        report(state)

    async def keep_telling() -> None:
        while True:
            tell()
            await asyncio.sleep(_REPORT_EVERY_SECONDS)

    telling = asyncio.create_task(keep_telling())
    try:
        yield
        tell()
    finally:
        telling.cancel()
        with suppress(asyncio.CancelledError):
            await telling
