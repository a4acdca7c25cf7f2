"""The running system as the other sub-commands see it: where everything is."""

from dataclasses import dataclass
from pathlib import Path

from dualbus_cli.databases import database_url
from dualbus_cli.places import Places
from dualbus_cli.programs import SERVICES
from dualbus_cli.stack_state import StackState


class StackDown(RuntimeError):
    """What was asked for is not running; the message says how to start it."""


@dataclass(frozen=True)
class Stack:
    """Addresses of a started system. `dsn` is the superuser's, `bootstrap` Kafka's."""

    dsn: str
    bootstrap: str
    directory: Path
    _state: StackState

    @classmethod
    def load(cls, places: Places | None = None) -> "Stack":
        """Read what `dualbus start` wrote. Raises StackDown when nothing was started."""
        places = places or Places.default()
        state = StackState.load(places)
        if not state.processes or state.dsn is None or state.bootstrap is None:
            raise StackDown("The system is not running. Start it with: dualbus start")
        return cls(state.dsn, state.bootstrap, places.state, state)

    def url(self, program: str) -> str:
        """Base URL of the first process of a service or outside program, without a slash.

        Raises StackDown when it was not started.
        """
        return self.urls(program)[0]

    def urls(self, program: str) -> list[str]:
        """Base URLs of all processes of a program."""
        found = [item.url for item in self._state.processes.values() if item.program == program]
        if not found:
            raise StackDown(f"{program} is not running. Start it with: dualbus start")
        return found

    def pids(self, program: str) -> list[int]:
        """Process ids of those of its processes that are alive."""
        started = self._state.processes.values()
        return [p.daemon.pid for p in started if p.program == program and p.daemon.alive()]

    def database_url(self, service: str) -> str:
        """DSN of a service's own database and role; KeyError for an unknown service."""
        role = {program.name: program.database for program in SERVICES}[service]
        return database_url(self.dsn, role=role, password=self._state.passwords[role])
