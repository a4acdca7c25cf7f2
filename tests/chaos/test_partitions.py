"""Partitions: packets vanish, nothing is refused (bus.md 4, tests 10, 11 and 12)."""

import asyncio
from urllib.parse import urlsplit, urlunsplit

import pytest

from tests.chaos.children import Child
from tests.chaos.tcp_proxy import TcpProxy
from tests.chaos.trial import Trial
from tests.chaos.writing import WriterOptions

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(240)]

_LOAD = WriterOptions(tasks=4)
_SECONDS = 20


def _broker_port(trial: Trial) -> int:
    return int(trial.bootstrap.rpartition(":")[2])


async def _silent_for_a_while(proxy: TcpProxy, trial: Trial, *children: Child) -> None:
    """Once all of them are at work."""
    for child in children:
        await trial.started(child)
    await asyncio.sleep(3)
    trial.history.note("silence")
    proxy.silence()
    await asyncio.sleep(_SECONDS)
    trial.history.note("healed")
    proxy.heal()
    await asyncio.sleep(5)


@pytest.mark.case(
    number="10",
    fails="the only relay is cut off from the broker for 20 s; what it had sent arrives late",
    promised="writers go on, sends time out, nothing is reordered when it heals",
)
async def test_a_relay_is_cut_off_from_the_broker(trial: Trial) -> None:
    async with TcpProxy(_broker_port(trial)) as proxy:
        writer = await trial.start("writer", writer=_LOAD)
        await trial.start("consumer")
        relay = await trial.start("relay", broker_port=proxy.port)

        await _silent_for_a_while(proxy, trial, writer, relay)
        await writer.stop()

        await trial.drained()
        await trial.verdict(crashes=True)
        assert relay.running
        await relay.stop()


@pytest.mark.case(
    number="11",
    fails="one of two consumers is cut off from the broker for 20 s",
    promised="a rebalance, two owners for a while; order kept, each effect once",
)
async def test_a_consumer_is_cut_off_from_the_broker(trial: Trial) -> None:
    async with TcpProxy(_broker_port(trial)) as proxy:
        writer = await trial.start("writer", writer=_LOAD)
        await trial.start("relay")
        other = await trial.start("consumer")
        cut_off = await trial.start("consumer", broker_port=proxy.port)

        await _silent_for_a_while(proxy, trial, writer, other, cut_off)
        await writer.stop()

        await trial.drained()
        await trial.verdict()
        assert cut_off.running
        await cut_off.kill()


@pytest.mark.case(
    number="12",
    fails="one of two relays is cut off from PostgreSQL for 20 s, most likely in a transaction",
    promised="the server ends its session, the other relay takes over, it comes back by itself",
)
async def test_a_relay_is_cut_off_from_the_database(trial: Trial) -> None:
    address = urlsplit(trial.dsn)
    assert address.port is not None
    async with TcpProxy(address.port) as proxy:
        host = f"{address.username}:{address.password}@127.0.0.1:{proxy.port}"
        writer = await trial.start("writer", writer=_LOAD)
        await trial.start("consumer")
        other = await trial.start("relay")
        cut_off = await trial.start("relay", dsn=urlunsplit(address._replace(netloc=host)))

        await _silent_for_a_while(proxy, trial, writer, other, cut_off)
        await writer.stop()

        await trial.drained()
        await trial.verdict(crashes=True)
        assert cut_off.running
        await cut_off.kill()
