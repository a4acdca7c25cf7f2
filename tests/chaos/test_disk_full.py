"""A full disk, under the database and under the broker (bus.md 4, test 16)."""

import asyncio
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from dualbus_cli.embedded.kafka import KafkaServer

from tests.chaos.history import read_history
from tests.chaos.recording import DIRECTORY
from tests.chaos.running_trial import a_trial
from tests.chaos.trial import Trial
from tests.chaos.writing import WriterOptions
from tests.waiting import eventually

pytestmark = [
    pytest.mark.chaos,
    pytest.mark.timeout(300),
    pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small file system needs root"),
]

_LOAD = WriterOptions(tasks=4)


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """A file system of 160 MB; the test is skipped where none may be mounted."""
    place = DIRECTORY / "small-disk" / str(os.getpid())
    place.mkdir(parents=True, exist_ok=True)
    mount = ["mount", "-t", "tmpfs", "-o", "size=160m,mode=755", "tmpfs", str(place)]
    done = subprocess.run(mount, check=False, capture_output=True, text=True)
    if done.returncode != 0:
        pytest.skip(f"no small file system: {done.stderr.strip()}")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)
    place.rmdir()


@contextmanager
def _filled(disk: Path) -> Iterator[None]:
    """Not a byte is left on it meanwhile."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for size in (1 << 20, 4096, 1):
            try:
                while True:
                    file.write(b"x" * size)
            except OSError:
                continue
    yield
    ballast.unlink()


@pytest.mark.case(
    number="16",
    fails="the disk of the database's tables is full for 10 s",
    promised="writers are refused and leave nothing half done; freed, all goes on by itself",
)
async def test_the_disk_of_the_database_is_full(trial: Trial, small_disk: Path) -> None:
    tables = small_disk / "tables"
    tables.mkdir()
    owner = os.stat(await trial.pool.fetchval("SHOW data_directory"))  # noqa: PTH116
    os.chown(tables, owner.st_uid, owner.st_gid)
    space = f"small_{os.getpid()}"
    await trial.pool.execute(f"CREATE TABLESPACE {space} LOCATION '{tables}'")
    moved = ("outbox", "committed", "applied", "counter")
    for table in moved:
        await trial.pool.execute(f"ALTER TABLE {table} SET TABLESPACE {space}")
    children = [await trial.start(role, writer=_LOAD) for role in ("writer", "relay", "consumer")]
    for child in children:
        await trial.started(child)

    async def refused() -> bool:
        lines = read_history(trial.history_path)
        return any("DiskFull" in line.get("error", "") for line in lines)

    with _filled(small_disk):
        trial.history.note("disk full")
        await eventually(refused, seconds=60)
        await asyncio.sleep(10)
    trial.history.note("disk freed")
    await asyncio.sleep(5)
    await children[0].stop()

    await trial.drained()
    await trial.verdict(crashes=True)
    assert all(child.running for child in children[1:])
    for table in moved:
        await trial.pool.execute(f"ALTER TABLE {table} SET TABLESPACE pg_default")
    await trial.pool.execute(f"DROP TABLESPACE {space}")


@pytest.mark.case(
    number="16",
    fails="the broker's disk is full until it dies of it; it is started again on a freed disk",
    promised="writers go on, the outbox keeps what the log can't take; nothing lost, order kept",
)
async def test_the_disk_of_the_broker_is_full(
    request: pytest.FixtureRequest, postgres_dsn: str, small_disk: Path
) -> None:
    broker = KafkaServer(small_disk / "kafka", usual_port=None)
    bootstrap = await asyncio.to_thread(broker.start)
    try:
        async with a_trial(request.node, postgres_dsn, bootstrap) as trial:
            load = WriterOptions(tasks=8)
            roles = ("writer", "relay", "consumer")
            children = [await trial.start(role, writer=load) for role in roles]
            for child in children:
                await trial.started(child)

            async def dead() -> bool:
                return broker.daemon() is None

            with _filled(small_disk):
                trial.history.note("disk full")
                await eventually(dead, seconds=90)
            trial.history.note("disk freed")
            await asyncio.to_thread(broker.start)
            await asyncio.sleep(5)
            await children[0].stop()

            await trial.drained(seconds=120)
            await trial.verdict(crashes=True)
            assert all(child.running for child in children[1:])
    finally:
        await asyncio.to_thread(broker.stop)
        shutil.rmtree(small_disk / "kafka")
