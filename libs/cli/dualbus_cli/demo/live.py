"""Live progress of a run: bars on a terminal, a line now and then elsewhere."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, Protocol

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)

_LINE_SECONDS: Final = 3.0


class Live(Protocol):
    """Counters by their title; `count` sets one."""

    def count(self, title: str, done: int, total: int) -> None: ...


class _Bars:
    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._tasks: dict[str, TaskID] = {}

    def count(self, title: str, done: int, total: int) -> None:
        if title not in self._tasks:
            self._tasks[title] = self._progress.add_task(title, total=total)
        self._progress.update(self._tasks[title], completed=done, total=total)


class _Lines:
    """A line per counter when it ends, and every few seconds before."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._shown: dict[str, tuple[float, int]] = {}

    def count(self, title: str, done: int, total: int) -> None:
        at, before = self._shown.get(title, (0.0, -1))
        now = time.monotonic()
        ended = done >= total
        if done != before and (ended or now - at >= _LINE_SECONDS):
            self._shown[title] = (now, done)
            self._console.print(f"{title:<28} {done}/{total}", highlight=False)


@contextmanager
def live(console: Console) -> Iterator[Live]:
    """What suits the console."""
    if not console.is_terminal:
        yield _Lines(console)
        return
    columns = (
        TextColumn("{task.description:<28}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console) as progress:
        yield _Bars(progress)
