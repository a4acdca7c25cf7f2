"""`dualbus catalogue`: what is sold and how it is fulfilled, from files into the services."""

import asyncio
from collections import Counter
from pathlib import Path
from typing import Annotated

import httpx
import typer
from pydantic_core import to_json
from rich.console import Console
from rich.table import Table

from dualbus_cli.catalogue.kinds import KINDS
from dualbus_cli.catalogue.loading import CHANGES, Loaded, LoadRefused, load_catalogue
from dualbus_cli.catalogue.reading import CatalogueFiles, CatalogueInvalid, read_catalogue
from dualbus_cli.places import REPOSITORY
from dualbus_cli.stack import Stack, StackDown

app = typer.Typer(help="The catalogue as files.", no_args_is_help=True)

DEMO_CATALOGUE = REPOSITORY / "deploy" / "demo" / "catalogue"
_Paths = Annotated[
    list[Path] | None,
    typer.Argument(help="Files, or directories of *.yaml; the demo's catalogue if none."),
]


@app.callback()
def catalogue() -> None:
    """Keep `load` a sub-command; typer would make an only command the group itself."""


@app.command(
    epilog="Examples: dualbus catalogue load · dualbus catalogue load my/offers --dry-run --json"
)
def load(
    paths: _Paths = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Check and compare only; the system may be down.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Check everything, then create what is missing and change what differs.

    Errors name file, line and column, all at once, and nothing is sent. Exits 1 on errors.
    """
    try:
        files = read_catalogue(paths or [DEMO_CATALOGUE])
        loaded = asyncio.run(_load(files, dry_run=dry_run))
    except CatalogueInvalid as error:
        _fail(error, [str(problem) for problem in error.problems], as_json=as_json)
    except (LoadRefused, httpx.TransportError) as error:
        _fail(error, [str(error) or type(error).__name__], as_json=as_json)
    else:
        _show(loaded, files, dry_run=dry_run, as_json=as_json)


async def _load(files: CatalogueFiles, *, dry_run: bool) -> list[Loaded] | None:
    """None when there is no system to compare with, which only a dry run bears."""
    try:
        stack = Stack.load()
    except StackDown:
        if not dry_run:
            raise
        if files.open_references:
            raise CatalogueInvalid([r.problem for r in files.open_references]) from None
        return None
    return await load_catalogue(files, stack.url, dry_run=dry_run)


def _fail(error: Exception, lines: list[str], *, as_json: bool) -> None:
    if as_json:
        typer.echo(to_json({"errors": lines}).decode())
    else:
        for line in lines:
            typer.echo(line, err=True)
        if isinstance(error, CatalogueInvalid):
            typer.echo(f"{len(lines)} errors; nothing was loaded.", err=True)
    raise typer.Exit(1) from error


def _show(
    loaded: list[Loaded] | None, files: CatalogueFiles, *, dry_run: bool, as_json: bool
) -> None:
    if loaded is None:
        message = f"{len(files.entries)} entries are in order; nothing runs to compare them with."
        typer.echo(to_json({"valid": len(files.entries)}).decode() if as_json else message)
        return
    counts = Counter(one.change for one in loaded)
    totals = {change: counts[change] for change in CHANGES}
    if as_json:
        entries = [{"kind": o.kind, "id": o.id, "change": o.change} for o in loaded]
        typer.echo(to_json({"dryRun": dry_run, **totals, "entries": entries}).decode())
        return
    table = Table("", *CHANGES, title="Catalogue, dry run" if dry_run else "Catalogue")
    for kind in KINDS:
        row = Counter(one.change for one in loaded if one.kind == kind)
        if row:
            table.add_row(kind, *(str(row[change] or "") for change in CHANGES))
    table.add_row("all", *(str(count) for count in totals.values()), style="bold")
    Console().print(table)
