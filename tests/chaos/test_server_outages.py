"""Kafka and PostgreSQL themselves fail under load (bus.md 4, tests 8 and 14)."""

import asyncio
import signal
from pathlib import Path

import pytest
from dualbus_cli.embedded import EmbeddedServers

from tests.chaos.children import Child
from tests.chaos.history import read_history
from tests.chaos.trial import Trial
from tests.chaos.writing import WriterOptions
from tests.waiting import eventually

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(900)]

_LOAD = WriterOptions(tasks=4)
_OUTAGE_SECONDS = 20


async def _all_roles(trial: Trial) -> list[Child]:
    """Writer, relay and consumer, all at work."""
    children = [await trial.start(role, writer=_LOAD) for role in ("writer", "relay", "consumer")]
    return [await trial.started(child) for child in children]


def _acknowledged(history: Path) -> int:
    return sum(line["what"] == "acknowledged" for line in read_history(history))


@pytest.mark.case(
    number="8",
    fails="the broker, killed or frozen for 20 s",
    promised="writers go on; the outbox grows, then drains; nothing lost, order kept",
)
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "frozen"])
async def test_the_broker_is_away(
    own_trial: Trial, own_servers: EmbeddedServers, how: signal.Signals
) -> None:
    writer, *others = await _all_roles(own_trial)
    broker = own_servers.kafka.daemon()
    assert broker is not None

    before = _acknowledged(own_trial.history_path)
    own_trial.history.note(how.name, server="kafka")
    broker.ask_to_stop(how=how)
    await asyncio.sleep(_OUTAGE_SECONDS)
    meanwhile = _acknowledged(own_trial.history_path) - before
    waiting = await own_trial.pool.fetchval("SELECT count(*) FROM outbox")
    broker.ask_to_stop(how=signal.SIGCONT)
    await asyncio.to_thread(own_servers.kafka.start)
    own_trial.history.note("back", server="kafka")
    await asyncio.sleep(5)
    await writer.stop()

    await own_trial.drained(seconds=120)
    await own_trial.verdict(crashes=True)
    assert meanwhile > 0
    assert waiting > 0
    assert all(child.running for child in others)
    own_trial.seen |= {"commits meanwhile": meanwhile, "outbox at the end": waiting}


@pytest.mark.case(
    number="14",
    fails="PostgreSQL stops at once (`-m immediate`) under load, three times, and recovers",
    promised="pools heal by themselves; what was acknowledged is there; nothing lost or doubled",
)
async def test_the_database_stops_at_once(own_trial: Trial, own_servers: EmbeddedServers) -> None:
    writer, *others = await _all_roles(own_trial)

    for _ in range(3):
        await asyncio.sleep(own_trial.chance.uniform(2, 4))
        server = own_servers.postgres.daemon()
        assert server is not None
        own_trial.history.note("SIGQUIT", server="postgres")
        await asyncio.to_thread(server.stop, how=signal.SIGQUIT)
        await asyncio.sleep(own_trial.chance.uniform(0, 2))
        await asyncio.to_thread(own_servers.postgres.start)
        own_trial.history.note("back", server="postgres")
        before = _acknowledged(own_trial.history_path)

        async def written(before: int = before) -> bool:
            return _acknowledged(own_trial.history_path) > before

        await eventually(written, seconds=60)
    await writer.stop()

    await own_trial.drained(seconds=120)
    await own_trial.verdict(crashes=True)
    assert all(child.running for child in others)
