"""`dualbus ods`: is the ODS what its owners have, and what to do when it is not."""

import asyncio
import json
from collections import Counter
from typing import Annotated, Any

import httpx
import typer
from rich.console import Console
from rich.table import Table

from dualbus_cli.ods.rebuild import run_rebuild
from dualbus_cli.ods.run_verify import VerifyFailed, report_of, topics_named, verify
from dualbus_cli.ods.snapshot import snapshot
from dualbus_cli.ods.verify import Verdict
from dualbus_cli.progress import Board, SilentBoard, board
from dualbus_cli.stack import Stack

app = typer.Typer(
    help="The ODS: compare it with the owners of its data, build it anew.", no_args_is_help=True
)

_SHOWN = 20
_Topic = Annotated[
    list[str] | None, typer.Option("--topic", help="Only this topic; may be given again.")
]
_Json = Annotated[bool, typer.Option("--json", help="One JSON object.")]


@app.command("verify", epilog="Examples: dualbus ods verify · … --topic order.product.v1 --json")
def verify_command(
    topic: _Topic = None,
    wait: Annotated[
        float, typer.Option(min=0, help="Seconds that what is in flight may take to arrive.")
    ] = 10.0,
    as_json: _Json = False,
) -> None:
    """Compare every resource at its owner and in the ODS, by checksums of ranges of ids.

    Exits 1 if something differs that is not merely in flight.
    """
    stack = Stack.load()

    def run(shown: Board) -> list[Verdict]:
        return asyncio.run(
            verify(stack.operations_url, topics=topic, wait_seconds=wait, board=shown)
        )

    try:
        if as_json:
            verdicts = run(SilentBoard())
        else:
            with board(Console(stderr=True)) as shown:
                verdicts = run(shown)
    except (VerifyFailed, httpx.HTTPError) as error:
        typer.secho(f"not verified: {error}", fg=typer.colors.RED, err=True)
        raise typer.Exit(3) from error
    report = report_of(verdicts)
    if as_json:
        typer.echo(json.dumps(report))
    else:
        _show(verdicts, report)
    if not report["equal"]:
        raise typer.Exit(1)


@app.command("rebuild", epilog="Examples: dualbus ods rebuild · … --json | jq .events")
def rebuild_command(
    restart: Annotated[
        bool, typer.Option("--restart", help="Forget a rebuild that was interrupted.")
    ] = False,
    accept_missing: Annotated[
        bool, typer.Option("--accept-missing", help="Lose what the topics no longer hold.")
    ] = False,
    as_json: _Json = False,
) -> None:
    """Build the ODS anew from the topics, beside the one that serves, then put it in its place.

    Reads and writes go on. An interrupted rebuild goes on where it was. Exits 1 if the ODS is
    still the old one, with the reason.
    """
    chosen = {"--restart": restart, "--accept-missing": accept_missing, "--json": as_json}
    done = run_rebuild(Stack.load(), [name for name, given in chosen.items() if given])
    raise typer.Exit(done.returncode)


@app.command(
    "snapshot",
    epilog="Examples: dualbus ods snapshot --service billing · … --topic order.product.v1",
)
def snapshot_command(
    service: Annotated[
        str | None, typer.Option("--service", help="Only what this service owns.")
    ] = None,
    topic: _Topic = None,
    as_json: _Json = False,
) -> None:
    """Have owners publish again what they have, at its version: for topics that lost part of it.

    It goes through the outbox in small steps, behind live events and never before newer ones.
    Running it twice, or breaking it off, does no harm.
    """
    stack = Stack.load()
    try:
        chosen = [one for one in topics_named(topic) if service in (None, one.owner)]
        if not chosen:
            raise VerifyFailed(f"{service} owns no such topic")
        with board(Console(stderr=True)) as shown:
            published = asyncio.run(snapshot(chosen, stack.operations_url, board=shown))
    except (VerifyFailed, httpx.HTTPError) as error:
        typer.secho(f"not published: {error}", fg=typer.colors.RED, err=True)
        raise typer.Exit(1) from error
    if as_json:
        typer.echo(json.dumps({"published": published}))
    else:
        typer.echo(f"{sum(published.values()):,} resources published again")


def _show(verdicts: list[Verdict], report: dict[str, Any]) -> None:
    table = Table("topic", "documents", "in flight", "differences")
    for one in verdicts:
        causes = Counter(difference.cause for difference in one.settled)
        said = ", ".join(f"{count} {cause}" for cause, count in causes.items())
        in_flight = len(one.differences) - len(one.settled)
        table.add_row(one.topic, f"{one.documents:,}", str(in_flight), said or "none")
    console = Console()
    console.print(table)
    if report["differences"]:
        _show_differences(console, report["differences"])


def _show_differences(console: Console, differences: list[dict[str, Any]]) -> None:
    columns = ("topic", "id", "cause", "ownerVersion", "odsVersion", "where")
    table = Table(*columns, title="Differences")
    for one in differences[:_SHOWN]:
        table.add_row(*("" if one[name] is None else str(one[name]) for name in columns))
    console.print(table)
    if len(differences) > _SHOWN:
        console.print(f"and {len(differences) - _SHOWN:,} more: --json shows all")
