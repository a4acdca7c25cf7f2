"""Where a failure test leaves what it saw: its history and its verdict, in .local/chaos."""

import re
from pathlib import Path
from typing import Final

import pytest

from tests.chaos.seed import SEED

DIRECTORY: Final = Path(__file__).resolve().parents[2] / ".local" / "chaos"
SEEN: Final = pytest.StashKey[dict[str, object]]()
"""What the verdict tells of a test beside its outcome: counts by name."""


def directory_of(item: pytest.Item) -> Path:
    name = re.sub(r"[^a-z0-9]+", "-", item.name.removeprefix("test_").lower()).strip("-")
    return DIRECTORY / f"{name}-{SEED}"


def empty_directory_of(item: pytest.Item) -> Path:
    """The directory, without what an earlier run left there."""
    directory = directory_of(item)
    directory.mkdir(parents=True, exist_ok=True)
    for left in directory.iterdir():
        left.unlink()
    return directory
