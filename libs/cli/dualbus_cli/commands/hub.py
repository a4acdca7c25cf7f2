"""`dualbus hub`: who gets events by webhook, how far they are; pause, resume, replay."""

import json
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from dualbus_cli.commands.asking import ask

app = typer.Typer(help="Webhooks: list, look at, pause, resume, replay.", no_args_is_help=True)
_TIMEOUT_SECONDS = 30

_Id = Annotated[str, typer.Argument(help="The hub's id, as its registration was answered.")]
_Json = Annotated[bool, typer.Option("--json", help="One JSON object.")]
_Url = Annotated[str | None, typer.Option(help="Base URL of eai-svc, if not the running system's.")]


@app.command("list", epilog="Example: dualbus hub list --json | jq '.hub[].lag'")
def list_hubs(as_json: _Json = False, url: _Url = None) -> None:
    """Show every subscription of every API, with its state and how far it is behind."""
    found = _ask("GET", "", url)
    if as_json:
        typer.echo(json.dumps(found))
        return
    table = Table("id", "api", "callback", "state", "behind", "waiting", "parked", "acknowledged")
    # What is copied into the next command is never cut.
    table.columns[0].no_wrap = True
    for one in found["hub"]:
        lag, taken = one["lag"], one["acknowledged"]
        behind = "?" if lag["records"] is None else f"{lag['records']:,}"
        counts = (f"{lag['waiting']:,}", f"{lag['parked']:,}", f"{taken['count']:,}")
        table.add_row(one["id"], one["api"], one["callback"], one["state"], behind, *counts)
    Console().print(table)


@app.command(epilog="Example: dualbus hub show 0198… --json | jq .failure.lastError")
def show(hub_id: _Id, as_json: _Json = False, url: _Url = None) -> None:
    """Show one subscription: lag, last acknowledged event, failures, replays."""
    _show(_ask("GET", f"/{hub_id}", url), as_json=as_json)


@app.command(epilog="Example: dualbus hub pause 0198…")
def pause(hub_id: _Id, as_json: _Json = False, url: _Url = None) -> None:
    """Post nothing until it is resumed; what happens meanwhile is posted then."""
    _show(_ask("POST", f"/{hub_id}/pause", url), as_json=as_json)


@app.command(epilog="Example: dualbus hub resume 0198…")
def resume(hub_id: _Id, as_json: _Json = False, url: _Url = None) -> None:
    """Post again, what was parked included, with all its tries."""
    _show(_ask("POST", f"/{hub_id}/resume", url), as_json=as_json)


@app.command(
    epilog="Examples: dualbus hub replay 0198… --from 2026-03-01T00:00:00Z · … --customer c-17"
)
def replay(
    hub_id: _Id,
    *,
    since: Annotated[
        str, typer.Option("--from", help="From this moment on; the start of the log if left out.")
    ] = "1970-01-01T00:00:00Z",
    until: Annotated[
        str | None, typer.Option("--to", help="Up to this moment; now if left out.")
    ] = None,
    customer: Annotated[str | None, typer.Option(help="Only what concerns this customer.")] = None,
    as_json: _Json = False,
    url: _Url = None,
) -> None:
    """Post a range of the log once more, to this subscription alone; its query holds."""
    wanted = {"from": _moment(since), "to": _moment(until) if until else None}
    found = _ask("POST", f"/{hub_id}/replay", url, json={**wanted, "customerId": customer})
    typer.echo(json.dumps(found) if as_json else f"Replay {found['id']} has begun")


def _moment(text: str) -> str:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is no moment such as 2026-03-01T00:00:00Z") from error
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).isoformat()


def _ask(method: str, path: str, url: str | None, **options: Any) -> Any:
    return ask("eai", method, f"/ops/hub{path}", url, timeout=_TIMEOUT_SECONDS, **options)


def _show(shown: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(shown))
        return
    lag, taken, failure = shown["lag"], shown["acknowledged"], shown["failure"]
    typer.echo(f"{shown['id']}: {shown['state']}")
    typer.echo(f"{shown['api']} → {shown['callback']}")
    typer.echo(f"query: {shown['query'] or 'everything'}")
    typer.echo(f"{lag['records']} records behind, {lag['waiting']} waiting, {lag['parked']} parked")
    typer.echo(
        f"{taken['count']} acknowledged, last {taken['eventType']} {taken['eventId']} {taken['at']}"
    )
    if failure["lastError"]:
        typer.echo(f"last error: {failure['lastError']} {failure['at']}")
    for one in shown["replay"]:
        typer.echo(f"replay {one['id']}: {one['state']}, {one['matched']} events")
