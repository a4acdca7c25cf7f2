"""What runs where, and how it feels."""

import asyncio
from typing import Literal

import httpx
from pydantic import BaseModel
from rich.console import Console
from rich.table import Table

from dualbus_cli.embedded import EmbeddedServers
from dualbus_cli.embedded.daemon import Daemon
from dualbus_cli.health import HealthReport, HealthState, ask, ask_kafka, ask_postgres
from dualbus_cli.places import Places
from dualbus_cli.programs import existing_programs
from dualbus_cli.stack_state import StackState

Kind = Literal["server", "outside", "service"]


class ProcessStatus(BaseModel):
    """One line of the table. `pid` is null for servers that the environment names."""

    name: str
    program: str
    kind: Kind
    address: str
    url: str | None
    pid: int | None
    health: HealthState
    detail: str


class SystemStatus(BaseModel):
    """`healthy` when every server and every process that should run is ready."""

    healthy: bool
    processes: list[ProcessStatus]


async def ask_status(places: Places) -> SystemStatus:
    """Ask every process at once; programs that were never started are shown as down."""
    state = StackState.load(places)
    servers = EmbeddedServers(places.servers)
    async with httpx.AsyncClient() as client:
        rows = await asyncio.gather(
            _server("postgres", _address(state.dsn), servers.postgres.daemon(), state),
            _server("kafka", state.bootstrap or "", servers.kafka.daemon(), state),
            *(
                _process(name, program, kind, state, client)
                for name, program, kind in _expected(state)
            ),
        )
    return SystemStatus(healthy=all(row.health == "ready" for row in rows), processes=rows)


def _expected(state: StackState) -> list[tuple[str, str, Kind]]:
    started = {process.name: process.program for process in state.processes.values()}
    rows: list[tuple[str, str, Kind]] = []
    for program in existing_programs():
        kind: Kind = "service" if program.is_service else "outside"
        names = [name for name, of in started.items() if of == program.name]
        rows += [(name, program.name, kind) for name in names or [program.name]]
    return rows


async def _server(
    name: str, address: str, daemon: Daemon | None, state: StackState
) -> ProcessStatus:
    if not address:
        report = HealthReport("down", "never started")
    elif name == "postgres":
        report = await ask_postgres(state.dsn or "")
    else:
        report = await ask_kafka(address)
    return ProcessStatus(
        name=name,
        program=name,
        kind="server",
        address=address,
        url=None,
        pid=daemon.pid if daemon else None,
        health=report.state,
        detail=report.detail,
    )


async def _process(
    name: str, program: str, kind: Kind, state: StackState, client: httpx.AsyncClient
) -> ProcessStatus:
    process = state.processes.get(name)
    report = await ask(process, client) if process else HealthReport("down", "not started")
    return ProcessStatus(
        name=name,
        program=program,
        kind=kind,
        address=f"127.0.0.1:{process.port}" if process else "",
        url=process.url if process else None,
        pid=process.daemon.pid if process and process.daemon.alive() else None,
        health=report.state,
        detail=report.detail,
    )


def _address(dsn: str | None) -> str:
    return (dsn or "").rpartition("@")[2].partition("/")[0]


def show_status(report: SystemStatus, console: Console) -> None:
    colours: dict[HealthState, str] = {"ready": "green", "not ready": "yellow", "down": "red"}
    table = Table("", "name", "address", "pid", "health", "", box=None)
    for row in report.processes:
        colour = colours[row.health]
        pid = str(row.pid) if row.pid else ""
        health = f"[{colour}]{row.health}[/]"
        table.add_row(f"[{colour}]●[/]", row.name, row.url or row.address, pid, health, row.detail)
    console.print(table)
