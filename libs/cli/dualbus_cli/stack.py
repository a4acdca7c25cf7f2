"""The running system as the other sub-commands see it: where everything is."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dualbus_cli.databases import database_url
from dualbus_cli.places import Places
from dualbus_cli.programs import SERVICES
from dualbus_cli.stack_state import StackState

_SERVICE_NAMES: Final = frozenset(service.name for service in SERVICES)


class StackDown(RuntimeError):
    """What was asked for is not running; the message says how to start it."""


@dataclass(frozen=True)
class Stack:
    """Addresses of a started system. `dsn` is the superuser's, `bootstrap` Kafka's.

    `gateway` is the one base URL of a system that others run, such as the one in containers.
    """

    dsn: str
    bootstrap: str
    directory: Path
    _state: StackState
    gateway: str | None = None

    @classmethod
    def load(cls, places: Places | None = None) -> "Stack":
        """Read what `dualbus start` wrote. Raises StackDown when nothing was started.

        DUALBUS_URL stands for a system elsewhere, with the base URL of its gateway; what else is
        known of that one is what DATABASE_URL and KAFKA_BOOTSTRAP_SERVERS say.
        """
        places = places or Places.default()
        if gateway := os.environ.get("DUALBUS_URL"):
            return cls(
                dsn=os.environ.get("DATABASE_URL", ""),
                bootstrap=os.environ.get("KAFKA_BOOTSTRAP_SERVERS", ""),
                directory=places.state,
                _state=StackState(),
                gateway=gateway.rstrip("/"),
            )
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
        if self.gateway is not None and program in _SERVICE_NAMES:
            return [self.gateway]
        found = [item.url for item in self._state.processes.values() if item.program == program]
        if not found:
            raise StackDown(f"{program} is not running. Start it with: dualbus start")
        return found

    def operations_url(self, service: str) -> str:
        """Base URL of a service's `/ops`, which every service has: behind a gateway by its name.

        Raises StackDown when it was not started.
        """
        return f"{self.gateway}/{service}" if self.gateway is not None else self.url(service)

    def pids(self, program: str) -> list[int]:
        """Process ids of those of its processes that are alive."""
        started = self._state.processes.values()
        return [p.daemon.pid for p in started if p.program == program and p.daemon.alive()]

    def database_url(self, service: str) -> str:
        """DSN of a service's own database and role; KeyError for an unknown service."""
        role = {program.name: program.database for program in SERVICES}[service]
        return database_url(self.dsn, role=role, password=self._state.passwords[role])
