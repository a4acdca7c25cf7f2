"""A report that reads for hours keeps every deleted row of the outbox (bus.md 4, test 23)."""

import asyncpg
import pytest

from tests.chaos.history import read_history
from tests.chaos.trial import Trial
from tests.chaos.workload import Counter, CounterDocument

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(300)]

_COMMITS = 50
_CHANGES = 1000


@pytest.mark.case(
    number="23",
    fails="vacuum: an old snapshot is held while 50,000 events pass through the outbox",
    promised="the relay passes over the dead rows, and its watermark hides none that lives",
)
async def test_an_old_snapshot_is_held(trial: Trial) -> None:
    relay = await trial.start("relay")
    await trial.start("consumer")
    report = await asyncpg.connect(trial.dsn)
    held = report.transaction(isolation="repeatable_read")
    await held.start()
    await report.fetchval("SELECT count(*) FROM counter")

    for number in range(_COMMITS):
        documents = (CounterDocument(id=f"{number:02}-{n:03}") for n in range(_CHANGES))
        await trial.write(*map(Counter, documents))
    await trial.drained(seconds=180)
    dead = await trial.pool.fetchval("SELECT pg_relation_size('outbox') / 8192")
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
