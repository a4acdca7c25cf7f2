"""`dualbus bench`: how fast the system is, beside a bare prototype on the same servers."""

import json
from typing import Annotated

import typer
from rich.console import Console

from dualbus_cli.bench.errors import BenchFailed
from dualbus_cli.bench.own_system import own_system, running_system
from dualbus_cli.bench.published import fallen, publish, published_figures
from dualbus_cli.bench.report import Figures, show
from dualbus_cli.bench.run import Part, Wanted, run_bench
from dualbus_cli.places import Places
from dualbus_cli.progress import Board, SilentBoard, board

app = typer.Typer()
_ANYWHERE = frozenset(Part) - {Part.FACTS, Part.VIEWS, Part.REBUILD, Part.LISTS}


@app.command(epilog="Examples: dualbus bench · dualbus bench --only saturated --orders 1000")
def bench(
    *,
    seconds: Annotated[float, typer.Option(min=1, help="At each rate.")] = 20,
    orders: Annotated[
        int, typer.Option(min=1, help="At most, saturated: system and floor, each.")
    ] = 4000,
    only: Annotated[list[Part] | None, typer.Option(help="Measure only this.")] = None,
    in_flight: Annotated[int, typer.Option(min=1, help="Open at once, saturated.")] = 400,
    customers: Annotated[int, typer.Option(min=1, help="Made beforehand.")] = 500,
    events: Annotated[int, typer.Option(min=5000, help="Through each part of the bus.")] = 100_000,
    stored_orders: Annotated[
        int, typer.Option(min=1000, help="In the table that is listed.")
    ] = 1_000_000,
    running: Annotated[
        bool, typer.Option("--running", help="Measure the system that runs, not a fresh one.")
    ] = False,
    publish_them: Annotated[
        bool, typer.Option("--publish", help="Write docs/performance.json and its table.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Measure a fresh system of its own, then bare drivers; the figures go to bench.json too.

    Exits 1 when orders were refused, lost or stuck, or when a ratio to the bare drivers fell by
    more than a fifth since the figures were last published; never for a slow machine.
    """
    parts = frozenset(only or (_ANYWHERE if running else Part))
    wanted = Wanted(parts, seconds, orders, in_flight, customers, events, stored_orders)
    console = Console()
    if as_json:
        figures = _measure(wanted, running=running, board=SilentBoard())
    else:
        with board(console) as shown:
            figures = _measure(wanted, running=running, board=shown)
    target = Places.default().state / "bench.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(figures, indent=1) + "\n")
    if as_json:
        typer.echo(json.dumps(figures, indent=1))
    else:
        show(figures, console)
        console.print(f"Written to {target}", highlight=False, soft_wrap=True)
    if worse := fallen(figures, published_figures()):
        raise BenchFailed(f"Slower, against the bare drivers, than published: {'; '.join(worse)}")
    if publish_them:
        publish(figures)


def _measure(wanted: Wanted, *, running: bool, board: Board) -> Figures:
    if running:
        if wanted.parts - _ANYWHERE:
            raise BenchFailed(
                "facts, views, rebuild and lists leave behind what no service made: not here"
            )
        return run_bench(running_system(), wanted, board=board)
    with own_system(board) as system:
        return run_bench(system, wanted, board=board)
