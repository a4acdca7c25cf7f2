"""The database fails over to a standby (bus.md 4, test 15)."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest
from dualbus_cli.embedded.postgres import PostgresServer

from tests.chaos.running_trial import a_trial
from tests.chaos.standby import promote, start_standby, stop_standby
from tests.chaos.tcp_proxy import TcpProxy
from tests.chaos.trial import Trial
from tests.chaos.writing import WriterOptions

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(300)]

_LOAD = WriterOptions(tasks=4)


def _through(dsn: str, proxy: TcpProxy) -> str:
    address = urlsplit(dsn)
    host = f"{address.username}:{address.password}@127.0.0.1:{proxy.port}"
    return urlunsplit(address._replace(netloc=host))


def _port(dsn: str) -> int:
    port = urlsplit(dsn).port
    assert port is not None
    return port


@dataclass
class _Pair:
    """A primary and its standby. Clients and replication each go through a proxy."""

    primary: PostgresServer
    standby_dsn: str
    clients: TcpProxy
    replication: TcpProxy

    async def fail_over(self, trial: Trial) -> None:
        """Replication falls silent, then the primary dies, then the standby takes its place."""
        trial.history.note("replication silent")
        self.replication.silence()
        await asyncio.sleep(2)
        daemon = self.primary.daemon()
        assert daemon is not None
        trial.history.note("SIGKILL", server="primary")
        await asyncio.to_thread(daemon.stop, how=signal.SIGKILL)
        await promote(self.standby_dsn)
        self.clients.lead_to(_port(self.standby_dsn))
        trial.history.note("promoted")


@asynccontextmanager
async def _a_pair(directory: Path, *, synchronous: bool) -> AsyncIterator[tuple[_Pair, str]]:
    primary = PostgresServer(directory / "primary", usual_port=None)
    dsn = await asyncio.to_thread(primary.start)
    try:
        async with TcpProxy(_port(dsn)) as clients, TcpProxy(_port(dsn)) as replication:
            standby = await asyncio.to_thread(
                start_standby, directory / "standby", _through(dsn, replication)
            )
            if synchronous:
                admin = await asyncpg.connect(dsn)
                await admin.execute("ALTER SYSTEM SET synchronous_standby_names = '*'")
                await admin.execute("SELECT pg_reload_conf()")
                await admin.close()
            yield _Pair(primary, standby, clients, replication), _through(dsn, clients)
    finally:
        await asyncio.to_thread(stop_standby, directory / "standby")
        await asyncio.to_thread(primary.stop)


async def _fail_over_under_load(pair: _Pair, trial: Trial) -> None:
    children = [await trial.start(role, writer=_LOAD) for role in ("writer", "relay", "consumer")]
    for child in children:
        await trial.started(child)
    await asyncio.sleep(3)
    await pair.fail_over(trial)
    await asyncio.sleep(5)
    await children[0].stop()
    await trial.drained(seconds=120)
    assert all(child.running for child in children[1:])


@pytest.mark.case(
    number="15",
    fails="the primary dies and a synchronous standby takes its place",
    promised="nothing acknowledged is withdrawn, no event without state; nothing lost or doubled",
)
async def test_failover_to_a_synchronous_standby_loses_nothing(
    request: pytest.FixtureRequest, kafka_bootstrap: str, tmp_path: Path
) -> None:
    async with (
        _a_pair(tmp_path, synchronous=True) as (pair, dsn),
        a_trial(request.node, dsn, kafka_bootstrap) as trial,
    ):
        await _fail_over_under_load(pair, trial)
        await trial.verdict(crashes=True)


@pytest.mark.case(
    number="15",
    fails="the primary dies and an asynchronous standby that is 2 s behind takes its place",
    promised="a limit, not a promise: commits are withdrawn whose events are out already; the "
    "checker finds them",
)
async def test_failover_to_an_asynchronous_standby_is_seen(
    request: pytest.FixtureRequest, kafka_bootstrap: str, tmp_path: Path
) -> None:
    async with (
        _a_pair(tmp_path, synchronous=False) as (pair, dsn),
        a_trial(request.node, dsn, kafka_bootstrap) as trial,
    ):
        await _fail_over_under_load(pair, trial)
        counts = await trial.examine()
        assert counts.withdrawn > 0
        assert counts.phantoms > 0
