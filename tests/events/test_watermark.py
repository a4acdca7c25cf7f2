"""The relay's low watermark: it skips dead rows, and never one that is still to come."""

import asyncpg
import pytest
from dualbus_events import watermark
from dualbus_events.watermark import Watermark
from dualbus_kit.database import open_pool

from tests.events.outbox_rows import insert_row
from tests.harness import fresh_database
from tests.waiting import eventually


@pytest.fixture(autouse=True)
def _no_pause_between_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watermark, "_ADVANCE_EVERY_SECONDS", 0)


async def _pool(server_dsn: str) -> asyncpg.Pool:
    return await open_pool(await fresh_database(server_dsn), size=3, application_name="test")


async def test_the_first_row_of_a_database_is_not_taken_for_a_dead_one(postgres_dsn: str) -> None:
    async with await _pool(postgres_dsn) as pool:
        mark = Watermark(pool)
        for _step in ("propose", "confirm"):
            await mark.advance()

        seq = await insert_row(pool)

        assert mark.low(3) < seq


async def test_rows_that_are_gone_are_skipped(postgres_dsn: str) -> None:
    async with await _pool(postgres_dsn) as pool:
        mark = Watermark(pool)
        seq = await insert_row(pool)
        await pool.execute("DELETE FROM outbox")

        async def advanced_to() -> int:
            # More than two steps while other databases of the server have older transactions.
            await mark.advance()
            return mark.low(3)

        await eventually(advanced_to, seq, seconds=20)


async def test_a_row_that_is_committed_late_holds_the_mark_back(postgres_dsn: str) -> None:
    async with await _pool(postgres_dsn) as pool:
        mark = Watermark(pool)
        async with pool.acquire() as connection, connection.transaction():
            late = await insert_row(connection)
            for _step in ("propose", "confirm"):
                await mark.advance()
        await mark.advance()

        assert mark.low(3) < late
