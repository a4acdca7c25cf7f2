"""`dualbus demo`: real orders through everything, and every figure checked."""

import asyncio
import json
import time
from datetime import UTC, datetime
from typing import Annotated

import httpx
import typer
from rich.console import Console

from dualbus_cli.catalogue.loading import LoadRefused
from dualbus_cli.commands.catalogue import DEMO_CATALOGUE
from dualbus_cli.demo.bills import BillRunFailed
from dualbus_cli.demo.channels import PostRefused
from dualbus_cli.demo.examples import show_examples
from dualbus_cli.demo.file_orders import file_orders
from dualbus_cli.demo.live import live
from dualbus_cli.demo.other_orders import other_orders
from dualbus_cli.demo.outcome import Outcome
from dualbus_cli.demo.price_list import monthly_prices
from dualbus_cli.demo.report import show_outcome
from dualbus_cli.demo.run import DemoRun, interleaved, run_id
from dualbus_cli.demo.subscriber import SubscriberFailed
from dualbus_cli.demo.telco_file import read_telco_file
from dualbus_cli.lifecycle import start_system
from dualbus_cli.places import Places
from dualbus_cli.progress import board
from dualbus_cli.stack import Stack

app = typer.Typer()
_WIDTH = 132
_FAILURES = (BillRunFailed, LoadRefused, PostRefused, SubscriberFailed, httpx.HTTPError)


@app.command(epilog="Examples: dualbus demo · dualbus demo --customers 7043 --per-second 60")
def demo(
    customers: Annotated[
        int,
        typer.Option(min=1, max=7043, envvar="DEMO_CUSTOMERS", help="So many of the file's 7043."),
    ] = 300,
    per_second: Annotated[
        int, typer.Option(min=1, envvar="DEMO_PER_SECOND", help="Orders a second at most.")
    ] = 30,
) -> None:
    """Take real orders through every service, bill them, and compare every figure.

    Starts the system if need be. Exits 1, with a list, if anything is not as it must be.
    """
    begun = time.monotonic()
    console = _console()
    with board(console) as shown:
        stack = start_system(Places.default(), board=shown)
    run = run_id(datetime.now(UTC))
    catalogue, prices = monthly_prices(DEMO_CATALOGUE)
    plans = interleaved(
        file_orders(run, read_telco_file(limit=customers), prices), other_orders(run, prices)
    )
    try:
        with live(console) as shown:
            work = DemoRun(stack, run, plans, shown).perform(catalogue, per_second=per_second)
            outcome = asyncio.run(work)
    except* _FAILURES as failures:
        first: BaseException = failures
        while isinstance(first, BaseExceptionGroup):
            first = first.exceptions[0]
        console.print(f"The demo stopped: {first!r}", style="red", markup=False, highlight=False)
        raise typer.Exit(1) from None
    _conclude(outcome, stack, console, seconds=time.monotonic() - begun)


def _console() -> Console:
    """Wide enough for the tables where there is no terminal to ask."""
    console = Console()
    return console if console.is_terminal else Console(width=_WIDTH)


def _conclude(outcome: Outcome, stack: Stack, console: Console, *, seconds: float) -> None:
    show_outcome(outcome, console)
    asyncio.run(show_examples(outcome, stack.url("ods"), console))
    wrong = outcome.wrong()
    figures = {**outcome.figures(), "seconds": round(seconds, 1), "wrong": wrong}
    target = stack.directory / "demo.json"
    target.write_text(json.dumps(figures, indent=1) + "\n")
    console.print(f"Figures: {target} ({seconds:.0f} s)", highlight=False)
    for line in wrong:
        console.print(f"WRONG: {line}", style="red", markup=False, highlight=False)
    if wrong:
        raise typer.Exit(1)
    console.print("Everything is as it must be.", style="green")
