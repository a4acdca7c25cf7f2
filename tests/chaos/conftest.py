"""Each failure test has a trial of its own; history and verdict are left in .local/chaos."""

from collections.abc import AsyncIterator, Generator
from contextlib import AsyncExitStack
from dataclasses import asdict
from typing import Final

import pytest
from dualbus_kit.database import open_pool
from dualbus_kit.ids import new_id

from tests.chaos.child_program import ChildConfig
from tests.chaos.recording import SEEN, directory_of, empty_directory_of
from tests.chaos.seed import SEED
from tests.chaos.trial import Trial
from tests.chaos.verdicts import Outcome, Verdict
from tests.chaos.workload import CREATE_TABLES
from tests.harness import drop_database, fresh_database

_KEYS: Final = [f"key{n:02}" for n in range(30)]
_TRIAL: Final = pytest.StashKey[Trial]()


@pytest.fixture
async def trial(
    request: pytest.FixtureRequest, postgres_dsn: str, kafka_bootstrap: str
) -> AsyncIterator[Trial]:
    """A database, a topic and thirty counters on the session's servers."""
    directory = empty_directory_of(request.node)
    dsn = await fresh_database(postgres_dsn)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(drop_database, postgres_dsn, dsn)
        pool = await open_pool(dsn, size=4, application_name="chaos-test")
        stack.push_async_callback(pool.close)
        await pool.execute(CREATE_TABLES)
        topic = f"chaos.{new_id()[-12:]}.v1"
        config = ChildConfig(
            name="",
            role="",
            dsn=dsn,
            bootstrap=kafka_bootstrap,
            topic=topic,
            history=str(directory / "history.jsonl"),
            seed=SEED,
            keys=_KEYS,
        )
        trial = Trial(seed=SEED, directory=directory, pool=pool, config=config, stack=stack)
        request.node.stash[_TRIAL] = trial
        request.node.stash[SEEN] = trial.seen
        await trial.prepare()
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
    trial = item.stash.get(_TRIAL, None)
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
