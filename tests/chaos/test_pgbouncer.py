"""A pooler that gives each transaction another session stands before the database (bus.md 4)."""

import asyncio
import signal
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import pytest

from tests.chaos.pgbouncer import PGBOUNCER, SESSION_SETTINGS, SESSIONS, PgBouncer
from tests.chaos.trial import Trial
from tests.chaos.writing import WriterOptions

pytestmark = [
    pytest.mark.chaos,
    pytest.mark.timeout(300),
    pytest.mark.skipif(PGBOUNCER is None, reason="PgBouncer is not installed (Debian: pgbouncer)"),
]


@pytest.fixture
async def pooler(trial: Trial) -> AsyncIterator[PgBouncer]:
    assert PGBOUNCER is not None
    name = urlsplit(trial.dsn).path[1:]
    for setting, value in SESSION_SETTINGS.items():
        await trial.pool.execute(f"ALTER DATABASE {name} SET {setting} = '{value}'")
    pooler = PgBouncer(PGBOUNCER, trial.directory, trial.dsn)
    pooler.start()
    yield pooler
    await asyncio.to_thread(pooler.stop)


@pytest.mark.case(
    number="",
    fails="PgBouncer in transaction mode before the database, with fewer sessions than clients: "
    "killed (-9) three times under load, and a relay and a consumer too",
    promised="nothing lost, order kept, each effect once; all connect again by themselves",
)
async def test_all_goes_through_a_pooler_of_transactions(trial: Trial, pooler: PgBouncer) -> None:
    load = WriterOptions(tasks=8)
    roles = ("writer", "relay", "relay", "consumer", "consumer")
    children = [await trial.start(role, dsn=pooler.dsn, writer=load) for role in roles]
    for child in children:
        await trial.started(child)
    clients = """SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
                  AND application_name <> 'chaos-test'"""

    # Before anything is killed: sessions of a killed pooler need a moment to end.
    await asyncio.sleep(4)
    sessions = await trial.pool.fetchval(clients)
    for victim in (1, 3, None):
        trial.history.note("SIGKILL", server="pgbouncer")
        await asyncio.to_thread(pooler.stop, how=signal.SIGKILL)
        if victim is not None:
            await children[victim].kill()
            children[victim] = await trial.start(roles[victim], dsn=pooler.dsn)
        await asyncio.sleep(trial.chance.uniform(0, 2))
        pooler.start()
        await asyncio.sleep(4)
    await children[0].stop()

    await trial.drained(seconds=120)
    await trial.verdict(crashes=True)
    assert all(child.running for child in children[1:])
    assert 0 < sessions <= SESSIONS
    trial.seen["sessions of the database"] = sessions
