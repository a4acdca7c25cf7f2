"""order-svc on a fresh database with a small catalogue."""

from collections.abc import AsyncIterator

import pytest
from order_svc.service import SERVICE

from tests.harness import Harness, running
from tests.order.order_world import load_catalogue


@pytest.fixture
async def order_svc(postgres_dsn: str) -> AsyncIterator[Harness]:
    async with running(SERVICE, postgres_dsn) as harness:
        await load_catalogue(harness)
        yield harness
