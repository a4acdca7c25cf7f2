"""assurance-svc on a fresh database."""

from collections.abc import AsyncIterator

import pytest
from assurance_svc.service import SERVICE

from tests.harness import Harness, running


@pytest.fixture
async def assurance_svc(postgres_dsn: str) -> AsyncIterator[Harness]:
    async with running(SERVICE, postgres_dsn) as harness:
        yield harness
