"""Setting a trial up on given servers, and clearing it away."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final

import pytest
from dualbus_kit.database import open_pool
from dualbus_kit.ids import new_id

from tests.chaos.child_program import ChildConfig
from tests.chaos.recording import SEEN, empty_directory_of
from tests.chaos.seed import SEED
from tests.chaos.trial import Trial
from tests.chaos.workload import CREATE_TABLES
from tests.harness import drop_database, fresh_database

TRIAL: Final = pytest.StashKey[Trial]()
_KEYS: Final = [f"key{n:02}" for n in range(30)]


@asynccontextmanager
async def a_trial(
    item: pytest.Item, server_dsn: str, bootstrap: str, *, replicas: int = 1
) -> AsyncIterator[Trial]:
    """A database, a topic with so many replicas, and thirty counters, for one test."""
    directory = empty_directory_of(item)
    dsn = await fresh_database(server_dsn)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(drop_database, server_dsn, dsn)
        pool = await open_pool(dsn, size=4, application_name="chaos-test")
        stack.push_async_callback(pool.close)
        await pool.execute(CREATE_TABLES)
        config = ChildConfig(
            name="",
            role="",
            dsn=dsn,
            bootstrap=bootstrap,
            topic=f"chaos.{new_id()[-12:]}.v1",
            history=str(directory / "history.jsonl"),
            seed=SEED,
            keys=_KEYS,
        )
        trial = Trial(seed=SEED, directory=directory, pool=pool, config=config, stack=stack)
        item.stash[TRIAL] = trial
        item.stash[SEEN] = trial.seen
        await trial.prepare(replicas=replicas)
        yield trial
