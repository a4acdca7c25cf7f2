"""`dualbus bus audit`: who did what."""

import json
from typing import Annotated

import typer

from dualbus_cli.commands.bus.services import JsonOption, ServiceOption, get, urls_of
from dualbus_cli.commands.bus.tables import show_table

app = typer.Typer()
_SHOWN = 120


@app.command(epilog="Example: dualbus bus audit 0197… --json | jq '.audit[].before'")
def audit(
    subject: Annotated[
        str | None, typer.Argument(help="Only what names this key, topic or event.")
    ] = None,
    service: ServiceOption = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many per service.")] = 50,
    as_json: JsonOption = False,
) -> None:
    """Show what operators did, the newest first."""
    found = [
        {"service": name, **entry}
        for name, url in urls_of(service).items()
        for entry in get(f"{url}/ops/audit", subject=subject, limit=limit)["audit"]
    ]
    found.sort(key=lambda entry: str(entry["at"]), reverse=True)
    if as_json:
        typer.echo(json.dumps({"audit": found}))
        return
    short = [{**entry, "after": json.dumps(entry["after"])[:_SHOWN]} for entry in found]
    columns = ("at", "service", "operator", "action", "subject", "after")
    show_table("What operators did", columns, short, whole=("subject",))
