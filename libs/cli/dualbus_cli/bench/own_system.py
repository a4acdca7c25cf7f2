"""The system that is measured: a fresh one of the bench's own, or the one that runs."""

import asyncio
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Final

from dualbus_cli.bench.errors import BenchFailed
from dualbus_cli.bench.resources import Groups, groups_of
from dualbus_cli.catalogue.loading import load_catalogue
from dualbus_cli.catalogue.reading import read_catalogue
from dualbus_cli.lifecycle import reset_system, start_system, stop_program, stop_system
from dualbus_cli.places import REPOSITORY, Places
from dualbus_cli.programs import existing_programs
from dualbus_cli.progress import Board
from dualbus_cli.stack import Stack

_SERVERS: Final = ("DATABASE_URL", "KAFKA_BOOTSTRAP_SERVERS")
_CATALOGUE: Final = REPOSITORY / "deploy" / "demo" / "catalogue"


@dataclass(frozen=True, slots=True)
class Measured:
    """A running system, its processes, and how to end what is not needed for the floor."""

    stack: Stack
    groups: Callable[[], Groups]
    leave_servers_alone: Callable[[], None]

    def servers(self) -> Groups:
        return {n: pids for n, pids in self.groups().items() if n in ("postgres", "kafka")}


def running_system() -> Measured:
    """The one that `dualbus start` started. Its services stay up, and cost the floor a little."""
    places = Places.default()
    stack = Stack.load(places)
    _load_catalogue(stack)
    return Measured(stack, partial(groups_of, stack, places), lambda: None)


@contextmanager
def own_system(board: Board) -> Iterator[Measured]:
    """A new one without data, gone afterwards; after an error its logs are kept.

    Raises BenchFailed when the environment names servers: those have another system's data.
    """
    if named := [name for name in _SERVERS if os.environ.get(name)]:
        raise BenchFailed(f"{', '.join(named)} is set: start a system there and use --running")
    places = Places(Places.default().state / "bench", usual_ports=False)
    _forget(places, board)
    try:
        stack = start_system(places, board=board)
        _load_catalogue(stack)
        yield Measured(stack, partial(groups_of, stack, places), lambda: _stop_programs(places))
    except BaseException:
        stop_system(places, board=board)
        raise
    _forget(places, board)


def _load_catalogue(stack: Stack) -> None:
    asyncio.run(load_catalogue(read_catalogue([_CATALOGUE]), stack.url))


def _stop_programs(places: Places) -> None:
    for program in existing_programs():
        stop_program(places, program.name)


def _forget(places: Places, board: Board) -> None:
    if places.state.exists():
        reset_system(places, board=board)
        shutil.rmtree(places.state)
