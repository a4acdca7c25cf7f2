"""One system for all end-to-end tests, started once: first without billing and ODS, then whole."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest

from tests.e2e.channel import Channel
from tests.e2e.early_order import EarlyOrder, start_with_an_early_order
from tests.e2e.ledger import Ledger
from tests.e2e.running_system import RunningSystem
from tests.otlp_receiver import OtlpReceiver, otlp_receiver


@pytest.fixture(scope="session")
def collector() -> Iterator[OtlpReceiver]:
    """Gets the spans of those traces that a test begins as sampled."""
    with otlp_receiver() as receiver:
        yield receiver


@pytest.fixture(scope="session")
def _started(
    tmp_path_factory: pytest.TempPathFactory, collector: OtlpReceiver
) -> Iterator[tuple[RunningSystem, EarlyOrder]]:
    system = RunningSystem(
        tmp_path_factory.mktemp("e2e"),
        OTEL_EXPORTER_OTLP_ENDPOINT=collector.endpoint,
        OTEL_TRACES_SAMPLER="parentbased_always_off",
        OTEL_BSP_SCHEDULE_DELAY="200",
    )
    try:
        yield system, asyncio.run(start_with_an_early_order(system))
    finally:
        system.dualbus("stop")


@pytest.fixture(scope="session")
def system(_started: tuple[RunningSystem, EarlyOrder]) -> RunningSystem:
    return _started[0]


@pytest.fixture(scope="session")
def early_order(_started: tuple[RunningSystem, EarlyOrder]) -> EarlyOrder:
    """Placed while billing-svc and ods-svc had never been started."""
    return _started[1]


@pytest.fixture
async def channel(system: RunningSystem) -> AsyncIterator[Channel]:
    limits = httpx.Limits(max_connections=64, max_keepalive_connections=64)
    async with httpx.AsyncClient(timeout=30, limits=limits) as client:
        yield Channel(system, client)
        await Channel(system, client).network()


@pytest.fixture
def ledger(system: RunningSystem, channel: Channel) -> Ledger:
    return Ledger(system, channel)
