"""A state directory for each file's system; a world, a history and a verdict for each test."""

import random
import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.chaos.history import History
from tests.chaos.recording import DIRECTORY, SEEN, empty_directory_of
from tests.chaos.seed import SEED
from tests.chaos.whole_system.world import WorldOn, world


@pytest.fixture(scope="module")
def state(request: pytest.FixtureRequest) -> Iterator[Path]:
    """Where a file's system keeps its data; of all that, the logs stay."""
    directory = DIRECTORY / f"system-of-{request.node.path.stem}"
    shutil.rmtree(directory, ignore_errors=True)
    yield directory
    shutil.rmtree(directory / "servers", ignore_errors=True)


@pytest.fixture
def world_on(request: pytest.FixtureRequest) -> Iterator[WorldOn]:
    """Makes the world of a test on a running system."""
    history = History(empty_directory_of(request.node) / "history.jsonl", by="test")
    seen = request.node.stash.setdefault(SEEN, {})
    yield partial(world, chance=random.Random(SEED), history=history, seen=seen)
    history.close()
