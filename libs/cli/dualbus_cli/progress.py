"""Show what is going on: moving on a terminal, one line per finished step elsewhere."""

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn


@dataclass
class Step:
    """One thing under way; `note` is shown beside it and may change."""

    title: str
    note: str = ""


class Board(Protocol):
    """Where steps are shown; steps may overlap."""

    def step(self, title: str) -> AbstractContextManager[Step]: ...


class SilentBoard:
    """Shows nothing; for tests and for callers with a display of their own."""

    @contextmanager
    def step(self, title: str) -> Iterator[Step]:
        yield Step(title)


class PlainBoard:
    """One line per finished step: for logs and pipes."""

    def __init__(self, console: Console) -> None:
        self._console = console

    @contextmanager
    def step(self, title: str) -> Iterator[Step]:
        begun = time.monotonic()
        step = Step(title)
        yield step
        took = time.monotonic() - begun
        self._console.print(f"{title:<18} {step.note or 'done'} ({took:.1f} s)", highlight=False)


class LiveBoard:
    """All steps at once, those under way with a spinner. Use as a context manager."""

    def __init__(self, console: Console) -> None:
        self._progress = Progress(
            SpinnerColumn(finished_text="[green]✓"),
            TextColumn("{task.description:<18}"),
            TextColumn("{task.fields[note]}"),
            TimeElapsedColumn(),
            console=console,
        )

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._progress.stop()

    @contextmanager
    def step(self, title: str) -> Iterator[Step]:
        task = self._progress.add_task(title, total=1, note="")
        step = Step(title)
        try:
            yield step
        except BaseException:
            self._progress.update(task, description=f"[red]{title}", note="[red]failed")
            raise
        self._progress.update(task, completed=1, note=step.note)


@contextmanager
def board(console: Console) -> Iterator[Board]:
    """The board that suits the console."""
    if console.is_terminal:
        with LiveBoard(console) as live:
            yield live
    else:
        yield PlainBoard(console)
