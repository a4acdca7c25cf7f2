"""`dualbus init`: what has to be there before services start on servers that others run."""

import asyncio
import os
import tempfile
from pathlib import Path
from urllib.parse import unquote, urlsplit

import typer
from rich.console import Console

from dualbus_cli.databases import create_databases
from dualbus_cli.migration import migrate
from dualbus_cli.programs import Program, existing_programs
from dualbus_cli.progress import Board, board

app = typer.Typer()


@app.command(epilog="Run again at any time, before new versions of the services above all.")
def init() -> None:
    """Create what is missing on other servers: databases, roles, topics, tables.

    DATABASE_URL is of a role that may create databases, ORDER_DATABASE_URL and so on are what the
    services will use, KAFKA_BOOTSTRAP_SERVERS is where the topics go. Starts nothing.
    """
    services = [program for program in existing_programs() if program.is_service]
    dsn, bootstrap = _required("DATABASE_URL"), _required("KAFKA_BOOTSTRAP_SERVERS")
    passwords = {program.database: _password(program) for program in services}
    with board(Console()) as shown:
        asyncio.run(_prepare(services, dsn, bootstrap, passwords, shown))


def _required(variable: str) -> str:
    value = os.environ.get(variable)
    if not value:
        raise typer.BadParameter(f"{variable} is not set")
    return value


def _password(program: Program) -> str:
    """The password in the service's own DSN, whose role and database have to be its own."""
    variable = program.variable("DATABASE_URL")
    parts = urlsplit(_required(variable))
    if parts.username != program.database or parts.path != f"/{program.database}":
        raise typer.BadParameter(f"{variable} must be of role and database {program.database}")
    if not parts.password:
        raise typer.BadParameter(f"{variable} has no password")
    return unquote(parts.password)


async def _prepare(
    services: list[Program], dsn: str, bootstrap: str, passwords: dict[str, str], shown: Board
) -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(_topics(bootstrap, shown))
        group.create_task(_databases(dsn, passwords, shown))
    # At most two at once: each is a Python of its own, on a machine that is starting up.
    turns = asyncio.Semaphore(2)
    with tempfile.TemporaryDirectory() as logs, shown.step("Migrations") as step:
        async with asyncio.TaskGroup() as group:
            for program in services:
                group.create_task(_migrate(program, Path(logs), turns))
        step.note = ", ".join(program.name for program in services)


async def _topics(bootstrap: str, shown: Board) -> None:
    from dualbus_cli.topics import create_topics

    with shown.step("Topics") as step:
        created = await create_topics(bootstrap)
        step.note = f"{created} created" if created else "all there"


async def _databases(dsn: str, passwords: dict[str, str], shown: Board) -> None:
    with shown.step("Databases") as step:
        created = await create_databases(dsn, passwords)
        step.note = f"{len(created)} created" if created else "all there"


async def _migrate(program: Program, logs: Path, turns: asyncio.Semaphore) -> None:
    # Settings are read whole, and a port is among them.
    settings = {program.variable("PORT"): str(program.port)}
    async with turns:
        await asyncio.to_thread(migrate, program, settings, log=logs / f"{program.name}.log")
