"""A report that reads for hours keeps every deleted row of the outbox (bus.md 4, test 23)."""

from time import perf_counter
from typing import Any, Final

import asyncpg
import orjson
import pytest
from dualbus_events.outbox import SHARDS
from dualbus_events.watermark import Watermark
from dualbus_kit.database import Connection

from tests.chaos.history import read_history
from tests.chaos.trial import Trial
from tests.chaos.workload import Counter, CounterDocument
from tests.waiting import eventually

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(300)]

_COMMITS = 50
_CHANGES = 1000
_GONE_BEFORE = 950_000
_POLLS = 500

_FILL = """
INSERT INTO outbox (shard, event_id, topic, key, event_type, agg_version, headers, payload)
SELECT n % $2, gen_random_uuid(), 'gone', 'key', 'type', 1, '{}', repeat('x', 200)::bytea
FROM generate_series(1, $1) n
"""
_LOOK = "SELECT outbox_waiting($1, $2)"
_ROUND = "SELECT * FROM outbox_next('{}', '{}', 1, $1, $2, 500)"

Lows = tuple[list[int], list[int]]
"""The shards, and beside them how far each is known to be empty."""

_FROM_ZERO: Final[Lows] = (list(range(SHARDS)), [0] * SHARDS)


@pytest.mark.case(
    number="23",
    fails="vacuum: an old snapshot is held while a million rows pass through the outbox,"
    " the last 50,000 of them events",
    promised="polls pass over the dead rows, and the relay's watermark hides none that lives",
)
async def test_an_old_snapshot_is_held(trial: Trial) -> None:
    report = await asyncpg.connect(trial.dsn)
    held = report.transaction(isolation="repeatable_read")
    await held.start()
    await report.fetchval("SELECT count(*) FROM counter")
    await trial.pool.execute(_FILL, _GONE_BEFORE, SHARDS)
    await trial.pool.execute("DELETE FROM outbox WHERE topic = 'gone'")
    relay = await trial.start("relay")
    await trial.start("consumer")

    for number in range(_COMMITS):
        documents = (CounterDocument(id=f"{number:02}-{n:03}") for n in range(_CHANGES))
        await trial.write(*map(Counter, documents))
    await trial.drained(seconds=180)
    dead = await trial.pool.fetchval("SELECT pg_relation_size('outbox') / 8192")
    await _polls_pass_over_dead_rows(trial)
    await trial.until_logged(await trial.change("key00", nonce="behind the dead rows"))
    await held.rollback()
    await report.close()

    await trial.drained()
    await trial.verdict()
    await relay.stop()
    [ended] = [
        line
        for line in read_history(trial.history_path)
        if line["by"] == relay.name and line["what"] == "ended"
    ]
    assert ended["watermark_misses"] == 0
    trial.seen |= {"pages of dead rows": dead, "watermark misses": 0}


async def _polls_pass_over_dead_rows(trial: Trial) -> None:
    """Both statements of a relay that finds nothing read a few blocks, not those of dead rows."""
    lows = await _known_empty(trial.pool)
    async with trial.pool.acquire() as connection:
        for name, statement in (("look", _LOOK), ("round", _ROUND)):
            blocks = await _blocks_read(connection, statement, lows)
            without = await _blocks_read(connection, statement, _FROM_ZERO)
            assert without > 1000 > blocks, f"{name}: {blocks} blocks, {without} without"
            trial.seen[f"blocks read by a {name}"] = f"{blocks} (without the watermark {without})"
            trial.seen[f"p99 of a {name} in ms"] = await _p99_ms(connection, statement, lows)


async def _known_empty(pool: asyncpg.Pool) -> Lows:
    """The watermarks of a relay that has been running for a while."""
    mark = Watermark(pool)
    last: int = await pool.fetchval("SELECT last_value FROM outbox_seq_seq")

    async def passed() -> bool:
        await mark.advance()
        return min(mark.lows()[1]) >= last

    await eventually(passed, seconds=60)
    return mark.lows()


async def _blocks_read(connection: Connection, statement: str, lows: Lows) -> int:
    explained = await connection.fetchval(
        f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statement}", *lows
    )
    plan: dict[str, Any] = orjson.loads(explained)[0]["Plan"]
    return int(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"])


async def _p99_ms(connection: Connection, statement: str, lows: Lows) -> float:
    seconds = []
    for _ in range(_POLLS):
        asked = perf_counter()
        await connection.fetch(statement, *lows)
        seconds.append(perf_counter() - asked)
    return round(sorted(seconds)[_POLLS * 99 // 100] * 1000, 1)
