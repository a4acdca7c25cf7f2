"""eai-svc with everything, and a subscriber of its webhooks."""

from collections.abc import AsyncIterator

import pytest
from dualbus_cli.topics import create_topics
from eai_svc.service import SERVICE as EAI

from tests.eai.hub_world import eai
from tests.eai.receiver import Receiver, a_receiver
from tests.harness import Harness, running


@pytest.fixture
async def kafka(kafka_bootstrap: str) -> str:
    await create_topics(kafka_bootstrap)
    return kafka_bootstrap


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with a_receiver() as started:
        yield started


@pytest.fixture
async def service(postgres_dsn: str, kafka: str) -> AsyncIterator[Harness]:
    async with eai(postgres_dsn, kafka) as started:
        yield started


@pytest.fixture
async def api(postgres_dsn: str) -> AsyncIterator[Harness]:
    """Only the endpoints; Kafka is not asked."""
    async with running(EAI, postgres_dsn) as started:
        yield started
