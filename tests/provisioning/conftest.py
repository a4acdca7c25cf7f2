"""provisioning-svc on a real database, beside a real network element, joined over ASGI."""

from collections.abc import AsyncIterator

import pytest
from provisioning_svc.service import SERVICE

from tests.harness import running
from tests.provisioning.network import Provisioning, load_catalogue


@pytest.fixture
async def provisioning(postgres_dsn: str) -> AsyncIterator[Provisioning]:
    async with running(SERVICE, postgres_dsn) as harness:
        provisioning = Provisioning(harness)
        await load_catalogue(harness)
        async with provisioning.element_client:
            yield provisioning
