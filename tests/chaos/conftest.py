"""Each failure test has a trial of its own; history and verdict are left in .local/chaos."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Generator, Iterator
from dataclasses import asdict

import pytest
from dualbus_cli.embedded import EmbeddedServers

from tests.chaos.recording import DIRECTORY, SEEN, directory_of
from tests.chaos.running_trial import TRIAL, a_trial
from tests.chaos.seed import SEED
from tests.chaos.trial import Trial
from tests.chaos.verdicts import Outcome, Verdict


@pytest.fixture
async def trial(
    request: pytest.FixtureRequest, postgres_dsn: str, kafka_bootstrap: str
) -> AsyncIterator[Trial]:
    """A trial on the session's servers, which no test may harm."""
    async with a_trial(request.node, postgres_dsn, kafka_bootstrap) as trial:
        yield trial


@pytest.fixture(scope="module")
def own_servers() -> Iterator[EmbeddedServers]:
    """PostgreSQL and Kafka for one file alone, to be stopped, killed and started again."""
    directory = DIRECTORY / "servers" / str(os.getpid())
    servers = EmbeddedServers(directory, usual_ports=False)
    yield servers
    servers.stop()
    shutil.rmtree(directory)


@pytest.fixture
async def own_trial(
    request: pytest.FixtureRequest, own_servers: EmbeddedServers
) -> AsyncIterator[Trial]:
    """A trial on the file's own servers."""
    dsn = await asyncio.to_thread(own_servers.postgres.start)
    bootstrap = await asyncio.to_thread(own_servers.kafka.start)
    async with a_trial(request.node, dsn, bootstrap) as trial:
        yield trial


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    case = item.get_closest_marker("case")
    if case is not None and (report.when == "call" or report.skipped or report.failed):
        _verdict(item, case, report).write(directory_of(item))
    return report


def _verdict(item: pytest.Item, case: pytest.Mark, report: pytest.TestReport) -> Verdict:
    trial = item.stash.get(TRIAL, None)
    seen = item.stash.get(SEEN, {})
    if trial and trial.counts:
        seen = {**{name: n for name, n in asdict(trial.counts).items() if n}, **seen}
    outcomes: dict[str, Outcome] = {"passed": "held", "failed": "broken", "skipped": "skipped"}
    return Verdict(
        test=item.name,
        number=case.kwargs.get("number", ""),
        fails=case.kwargs["fails"],
        promised=case.kwargs["promised"],
        outcome=outcomes[report.outcome],
        reason="" if report.passed else str(call_message(report)),
        seed=SEED,
        seen=seen,
    )


def call_message(report: pytest.TestReport) -> str:
    """Why it was skipped, or the last line of why it failed."""
    if isinstance(report.longrepr, tuple):
        return report.longrepr[2].removeprefix("Skipped: ")
    return report.longreprtext.strip().splitlines()[-1] if report.longreprtext else ""
