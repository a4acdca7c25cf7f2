"""A whole system of its own for these tests: start, kill and stop parts of it, look into it."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import asyncpg
from dualbus_cli.places import Places
from dualbus_cli.programs import SERVICES
from dualbus_cli.stack import Stack

from tests import waiting

SERVICE_NAMES = tuple(program.name for program in SERVICES)


class CommandFailed(AssertionError):
    """A `dualbus` command exited with an error; the message is its output."""


class RunningSystem:
    """The `dualbus` command on a state directory, and the databases behind it."""

    def __init__(self, state: Path, **environment: str) -> None:
        """`environment` holds settings of services, such as ORDER_ROLES="api"."""
        self.places = Places(state, usual_ports=False)
        self._environment = {**os.environ, "DUALBUS_STATE_DIR": str(state), **environment}

    @property
    def stack(self) -> Stack:
        """Addresses and processes as they are now."""
        return Stack.load(self.places)

    def dualbus(self, *arguments: str) -> str:
        """Run the command; its standard output. Raises CommandFailed."""
        done = subprocess.run(
            [sys.executable, "-m", "dualbus_cli", *arguments],
            check=False,
            capture_output=True,
            text=True,
            env=self._environment,
        )
        if done.returncode:
            raise CommandFailed(f"dualbus {' '.join(arguments)}\n{done.stdout}\n{done.stderr}")
        return done.stdout

    def dualbus_json(self, *arguments: str) -> Any:
        """What a command says with --json."""
        return json.loads(self.dualbus(*arguments, "--json"))

    async def start(self, *arguments: str) -> None:
        """Start whatever is down, without holding up what the test does meanwhile."""
        await asyncio.to_thread(self.dualbus, "start", *arguments)

    async def stop(self, program: str) -> None:
        await asyncio.to_thread(self.dualbus, "stop", program)

    def kill(self, program: str) -> None:
        """kill -9 of every process of a program."""
        for pid in self.stack.pids(program):
            os.kill(pid, signal.SIGKILL)

    async def rows(self, service: str, sql: str, *arguments: object) -> list[asyncpg.Record]:
        """Rows of a service's database."""
        connection = await asyncpg.connect(self.stack.database_url(service))
        try:
            rows: list[asyncpg.Record] = await connection.fetch(sql, *arguments)
            return rows
        finally:
            await connection.close()

    async def value(self, service: str, sql: str, *arguments: object) -> Any:
        """The first column of the first row."""
        return (await self.rows(service, sql, *arguments))[0][0]


eventually = partial(waiting.eventually, seconds=60)
