"""TMF717 on ods-svc, by TM Forum's data model."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from ods_svc.service import ods_service

from tests.conformance.ods_cases import CASES
from tests.conformance.suite import Suite, matrix
from tests.harness import running

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def suite(postgres_dsn: str) -> AsyncIterator[Suite]:
    async with running(ods_service(), postgres_dsn) as service:
        yield Suite.of(service, CASES)


@pytest.mark.parametrize(("api", "rule"), matrix(CASES))
async def test_conforms(suite: Suite, api: str, rule: str) -> None:
    await suite.check(api, rule)
