"""`dualbus process`: orders' processes, above all those that wait for a person."""

import json
from collections.abc import Sequence
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from dualbus_cli.commands.asking import ask

app = typer.Typer(help="Orders' processes: list, look at, retry, abandon.", no_args_is_help=True)
_TIMEOUT_SECONDS = 20

_Id = Annotated[str, typer.Argument(help="The process's id: that of its product order.")]
_Json = Annotated[bool, typer.Option("--json", help="One JSON object.")]
_Url = Annotated[
    str | None, typer.Option(help="Base URL of order-svc, if not the running system's.")
]


@app.command("list", epilog="Examples: dualbus process list · … --state running --oldest")
def list_processes(
    state: Annotated[
        str, typer.Option(help="fallout, running, compensating, ended, or all.")
    ] = "fallout",
    oldest: Annotated[bool, typer.Option("--oldest", help="Oldest first.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many.")] = 50,
    as_json: _Json = False,
    url: _Url = None,
) -> None:
    """Show how many processes there are, and those in fallout with what went wrong."""
    query = {"oldest": oldest, "limit": limit, **({} if state == "all" else {"state": state})}
    found = _ask("GET", "", url, params=query)
    if as_json:
        typer.echo(json.dumps(found))
        return
    typer.echo(", ".join(f"{n:,} {name}" for name, n in found["count"].items()) or "none at all")
    rows = [(one["id"], one["state"], one["startedAt"], _said(one)) for one in found["process"]]
    _table(("process", "state", "started", "trouble"), rows)


@app.command(epilog="Example: dualbus process show 0197… --json | jq '.task[].state'")
def show(process_id: _Id, as_json: _Json = False, url: _Url = None) -> None:
    """Show one process: every task with its state, attempts, times and error."""
    _show(_ask("GET", f"/{process_id}", url), as_json=as_json)


@app.command(epilog="Example: dualbus process retry 0197…")
def retry(process_id: _Id, as_json: _Json = False, url: _Url = None) -> None:
    """Try the failed tasks of a process again, with all their attempts."""
    _show(_ask("POST", f"/{process_id}/retry", url), as_json=as_json)


@app.command(epilog="Example: dualbus process abandon 0197…")
def abandon(process_id: _Id, as_json: _Json = False, url: _Url = None) -> None:
    """Give up: before the pivot undo what was done, past it leave it and note it on the order."""
    _show(_ask("POST", f"/{process_id}/abandon", url), as_json=as_json)


def _ask(method: str, path: str, url: str | None, **options: Any) -> Any:
    return ask("order", method, f"/ops/process{path}", url, timeout=_TIMEOUT_SECONDS, **options)


def _said(listed: dict[str, Any]) -> str:
    return "; ".join(
        f"{one['task']}: {one['error'].get('message') or one['error'].get('code')}"
        for one in listed["trouble"]
    )


def _show(shown: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(shown))
        return
    outcome = f", {shown['outcome']}" if shown["outcome"] else ""
    typer.echo(f"{shown['id']}: {shown['state']}{outcome}")
    rows = [
        (
            task["key"],
            task["state"],
            str(task["attempts"]),
            task["sentAt"] or "",
            task["endedAt"] or "",
            (task["error"] or {}).get("message", ""),
        )
        for task in shown["task"]
    ]
    _table(("task", "state", "attempts", "sent", "ended", "error"), rows)


def _table(columns: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> None:
    table = Table(*columns)
    # What is copied into the next command is never cut.
    table.columns[0].no_wrap = True
    table.columns[0].min_width = max((len(row[0]) for row in rows), default=0)
    for row in rows:
        table.add_row(*row)
    if rows:
        Console().print(table)
