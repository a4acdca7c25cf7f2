"""`dualbus start`, `stop`, `restart`, `status` and `reset`: the system as processes."""

import asyncio
from typing import Annotated

import typer
from rich.console import Console

from dualbus_cli.lifecycle import reset_system, start_system, stop_program, stop_system
from dualbus_cli.places import Places
from dualbus_cli.programs import PROGRAMS
from dualbus_cli.progress import board
from dualbus_cli.status import ask_status, show_status

app = typer.Typer()
_NAMES = (*(program.name for program in PROGRAMS), "kafka", "postgres")
_ONE_OF = ", ".join(_NAMES)
_Program = Annotated[str, typer.Argument(help=f"One of {_ONE_OF}.")]


@app.command(
    epilog="Examples: dualbus start · dualbus start --replicas 2 · dualbus start order eai"
)
def start(
    programs: Annotated[
        list[str] | None, typer.Argument(help="Only these beside the servers; everything if none.")
    ] = None,
    replicas: Annotated[
        int | None,
        typer.Option(min=1, max=9, help="Processes of every service; as many as now if not given."),
    ] = None,
) -> None:
    """Start whatever is down: servers, topics, databases, migrations, services."""
    console = Console()
    places = Places.default()
    only = [_known(program) for program in programs] if programs else None
    with board(console) as shown:
        start_system(places, board=shown, replicas=replicas, only=only)
    console.print("All is up. Look at it with: dualbus status", highlight=False)


@app.command(epilog="Examples: dualbus stop · dualbus stop billing · dualbus stop kafka")
def stop(
    program: Annotated[str | None, typer.Argument(help=f"Only this one of {_ONE_OF}.")] = None,
) -> None:
    """Stop everything, or all processes of one program; ten seconds, then a kill."""
    console = Console()
    places = Places.default()
    if program is not None:
        stopped = stop_program(places, _known(program))
        console.print(f"Stopped: {', '.join(stopped) or 'nothing ran'}", highlight=False)
        return
    with board(console) as shown:
        stop_system(places, board=shown)


@app.command(epilog="Example: dualbus restart order")
def restart(program: _Program) -> None:
    """Stop all processes of one program and start them again (and whatever else is down)."""
    stop_program(Places.default(), _known(program))
    start()


@app.command(epilog="Examples: dualbus status · dualbus status --json | jq '.processes[].url'")
def status(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Show every server and process: address, pid, health. Exits 1 unless all is ready."""
    report = asyncio.run(ask_status(Places.default()))
    if as_json:
        typer.echo(report.model_dump_json(indent=1))
    else:
        show_status(report, Console())
    raise typer.Exit(0 if report.healthy else 1)


@app.command(epilog="Example: dualbus reset --yes")
def reset(
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask.")] = False,
) -> None:
    """Stop everything and forget all data, to begin from nothing."""
    if not yes:
        typer.confirm("Delete all orders, customers and bills of this system?", abort=True)
    with board(Console()) as shown:
        reset_system(Places.default(), board=shown)


def _known(program: str) -> str:
    if program not in _NAMES:
        raise typer.BadParameter(f"{program!r} is none of {_ONE_OF}")
    return program
