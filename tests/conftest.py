"""Fixtures of every test: the addresses of real servers, started only by the tests that ask."""

from typing import Any

import hypothesis
import pytest
import structlog
from dualbus_events.unit_of_work import UnitOfWork
from dualbus_tmf import listing
from xdist.scheduler import LoadScopeScheduling

from tests.chaos.seed import SEED
from tests.conformance.summary import lines
from tests.servers import (
    own_shared_servers,
    shared_kafka,
    shared_postgres,
    stop_shared_servers,
)

_SERVER_FIXTURES = {"postgres_dsn", "kafka_bootstrap"}
# Folders whose files share what there is one of: the whole system, the topics of the bus, the
# consumer groups of the ODS and of webhooks.
_ON_ONE_WORKER = ("tests/e2e", "tests/events", "tests/ods/on_kafka", "tests/eai")


class _OneWorkerPerFile(LoadScopeScheduling):  # type: ignore[misc]
    """Tests that share fixtures run on one worker, in their order."""

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.partition("::")[0]
        return next((folder for folder in _ON_ONE_WORKER if path.startswith(folder)), path)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    return _OneWorkerPerFile(config, log)


def pytest_configure(config: pytest.Config) -> None:
    if not _is_worker(config):
        own_shared_servers()
    UnitOfWork.refuse_unrecorded = True
    # What takes milliseconds takes seconds on a machine that is busy with other tests.
    listing.SECONDS = 25.0
    # Nothing that is timed can be relied on while other work runs on the machine.
    hypothesis.settings.register_profile("untimed", deadline=None)
    hypothesis.settings.load_profile("untimed")
    # structlog's own default draws tracebacks with their source, half a second each.
    structlog.configure(
        processors=[
            structlog.stdlib.add_log_level,
            structlog.processors.format_exc_info,
            structlog.processors.KeyValueRenderer(key_order=["level", "event"]),
        ]
    )
    config.addinivalue_line("markers", "servers: needs a real PostgreSQL or Kafka")


def pytest_unconfigure(config: pytest.Config) -> None:
    if not _is_worker(config):
        stop_shared_servers()


def _is_worker(config: pytest.Config) -> bool:
    return hasattr(config, "workerinput")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs a server, so that `-m "not servers"` runs without any; the longest first."""
    for item in items:
        if _SERVER_FIXTURES & set(getattr(item, "fixturenames", ())):
            item.add_marker("servers")
    items.sort(key=lambda item: item.get_closest_marker("stack") is None)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """A line per TM Forum API that was tried."""
    for line in lines(terminalreporter.stats):
        terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def postgres_dsn() -> str:
    """A superuser's DSN; a test makes databases of its own there."""
    return shared_postgres()


@pytest.fixture(scope="session")
def kafka_bootstrap() -> str:
    """A bootstrap address; a test makes topics and groups of its own there."""
    return shared_kafka()


def pytest_report_header() -> str:
    return f"failure tests: SEED={SEED} repeats this run"
