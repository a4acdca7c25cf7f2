"""Fixtures of every test: the addresses of real servers, started only by the tests that ask."""

from collections.abc import Iterator

import pytest
import structlog
from dualbus_events.unit_of_work import UnitOfWork

from tests.servers import (
    remove_abandoned_servers,
    shared_kafka,
    shared_postgres,
    stop_shared_servers,
)

_SERVER_FIXTURES = {"postgres_dsn", "kafka_bootstrap"}


def pytest_configure(config: pytest.Config) -> None:
    UnitOfWork.refuse_unrecorded = True
    # structlog's own default draws tracebacks with their source, half a second each.
    structlog.configure(
        processors=[
            structlog.stdlib.add_log_level,
            structlog.processors.format_exc_info,
            structlog.processors.KeyValueRenderer(key_order=["level", "event"]),
        ]
    )
    config.addinivalue_line("markers", "servers: needs a real PostgreSQL or Kafka")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs a server, so that `-m "not servers"` runs without any."""
    for item in items:
        if _SERVER_FIXTURES & set(getattr(item, "fixturenames", ())):
            item.add_marker("servers")


@pytest.fixture(scope="session")
def _servers_end_with_the_session() -> Iterator[None]:
    remove_abandoned_servers()
    yield
    stop_shared_servers()


@pytest.fixture(scope="session")
def postgres_dsn(_servers_end_with_the_session: None) -> str:
    """A superuser's DSN; a test makes databases of its own there."""
    return shared_postgres()


@pytest.fixture(scope="session")
def kafka_bootstrap(_servers_end_with_the_session: None) -> str:
    """A bootstrap address; a test makes topics and groups of its own there."""
    return shared_kafka()
