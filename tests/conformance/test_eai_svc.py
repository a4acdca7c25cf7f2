"""TMF688 on eai-svc, by its definition."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from eai_svc.service import SERVICE

from tests.conformance.eai_cases import CASES
from tests.conformance.suite import Suite, matrix
from tests.harness import running

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def suite(postgres_dsn: str) -> AsyncIterator[Suite]:
    async with running(SERVICE, postgres_dsn) as service:
        yield Suite.of(service, CASES)


@pytest.mark.parametrize(("api", "rule"), matrix(CASES))
async def test_conforms(suite: Suite, api: str, rule: str) -> None:
    await suite.check(api, rule)
