"""`dualbus bill`: bill a period, and see what its bills come to."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import httpx
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from dualbus_cli.stack import Stack

app = typer.Typer(help="Bill a period, and see what its bills come to.", no_args_is_help=True)
_TIMEOUT = httpx.Timeout(10, read=120)

_Period = Annotated[str, typer.Option("--period", metavar="YYYY-MM", help="A calendar month.")]
_Json = Annotated[bool, typer.Option("--json", help="One JSON object.")]
_Url = Annotated[
    str | None, typer.Option(help="Base URL of billing-svc, if not the running system's.")
]


@app.command(epilog="Examples: dualbus bill run --period 2026-12 · … --json | jq '.totals'")
def run(period: _Period, as_json: _Json = False, url: _Url = None) -> None:
    """Bill every account for a month; those that have a bill for it keep it as it is.

    Exits 2 for a period that is none, 1 when the run was cut short: run it again for the rest.
    """
    console = Console(stderr=True)
    last: dict[str, Any] = {}
    with _asking(), _progress(console) as progress:
        task = progress.add_task(f"Billing {period}", total=None)
        for last in _run(_base(url), period):
            progress.update(task, total=last["accounts"], completed=last["billed"])
    if last.get("state") != "done":
        _fail("The bill run was cut short. Run it again: it bills what has no bill yet.")
    _show(last, as_json=as_json)


@app.command(epilog="Example: dualbus bill show --period 2026-12")
def show(period: _Period, as_json: _Json = False, url: _Url = None) -> None:
    """Show what a month's bills come to, and how many accounts have none yet."""
    with _asking():
        answer = httpx.get(f"{_base(url)}/ops/bill-run/{period}", timeout=_TIMEOUT)
        _check(answer)
    _show(answer.json(), as_json=as_json)


def _run(base: str, period: str) -> Iterator[dict[str, Any]]:
    """Each line of the answer: how far the run is. The last one says `done`, unless it was cut."""
    request = {"period": period}
    with httpx.stream("POST", f"{base}/ops/bill-run", json=request, timeout=_TIMEOUT) as answer:
        if answer.is_error:
            answer.read()
        _check(answer)
        try:
            for line in answer.iter_lines():
                yield json.loads(line)
        except httpx.TransportError:
            return


def _check(answer: httpx.Response) -> None:
    if not answer.is_error:
        return
    try:
        detail = str(answer.json()["detail"])
    except (ValueError, KeyError, TypeError):
        detail = f"billing-svc answered {answer.status_code}"
    _fail(detail, code=2 if answer.status_code in (400, 404) else 1)


@contextmanager
def _asking() -> Iterator[None]:
    try:
        yield
    except httpx.TransportError as error:
        _fail(f"billing-svc can't be reached ({type(error).__name__}). Look: dualbus status")


def _base(url: str | None) -> str:
    return url.rstrip("/") if url else Stack.load().url("billing")


def _progress(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        disable=not console.is_terminal,
    )


def _show(result: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(result))
        return
    sums = ", ".join(f"{total['value']:,.2f} {total['unit']}" for total in result["totals"])
    line = f"{result['period']}: {result['bills']:,} bills"
    if "rates" in result:
        line += f" with {result['rates']:,} lines"
    typer.echo(f"{line}, {sums or 'nothing to pay'}")
    for key, text in (
        ("alreadyBilled", "bills were there before and stay as they are"),
        ("accountsWithoutBill", "accounts have something due and no bill: run it"),
    ):
        if result.get(key):
            typer.echo(f"{result[key]:,} {text}")


def _fail(message: str, *, code: int = 1) -> None:
    typer.secho(message, fg=typer.colors.RED, err=True)
    raise typer.Exit(code)
