"""The history of a run: one JSON line for whatever any of its processes did, in order."""

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson


class History:
    """Appends to one file from many processes. A line is written at once: kill -9 loses none."""

    def __init__(self, path: Path, *, by: str) -> None:
        self.path = path
        self._by = by
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)

    def note(self, what: str, **details: object) -> None:
        line = {"t": round(time.time(), 4), "by": self._by, "what": what, **details}
        os.write(self._file, orjson.dumps(line, default=tuple) + b"\n")

    def close(self) -> None:
        os.close(self._file)


def read_history(path: Path) -> Iterator[dict[str, Any]]:
    """Every line of a history, in order."""
    for line in path.read_bytes().splitlines():
        yield orjson.loads(line)
