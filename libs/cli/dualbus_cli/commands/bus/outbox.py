"""`dualbus bus outbox`: what was committed and is not yet published."""

import json
from typing import Annotated

import typer

from dualbus_cli.commands.bus.services import JsonOption, ServiceOption, fail, get, post, urls_of
from dualbus_cli.commands.bus.tables import show_table

app = typer.Typer(help="What was committed and is not yet published.")


@app.callback(
    invoke_without_command=True, epilog="Examples: dualbus bus outbox · … outbox --service order"
)
def outbox(
    context: typer.Context, service: ServiceOption = None, as_json: JsonOption = False
) -> None:
    """Show each service's outbox: pending, age of the oldest, keys that the broker refused."""
    if context.invoked_subcommand:
        return
    found = [
        {"service": name, **get(f"{url}/ops/outbox")} for name, url in urls_of(service).items()
    ]
    if as_json:
        typer.echo(json.dumps({"outbox": found}))
        return
    counted = [{**one, "parked": len(one["parked"])} for one in found]
    show_table("Outboxes", ("service", "pending", "oldestSeconds", "parked"), counted)
    refused = [{"service": one["service"], **key} for one in found for key in one["parked"]]
    if refused:
        columns = ("service", "topic", "key", "messages", "parkedAt", "reason")
        show_table("Keys that the broker refused", columns, refused, whole=("topic", "key"))


@app.command(epilog="Example: dualbus bus outbox retry 0197…")
def retry(
    key: Annotated[str, typer.Argument(help="A key that the broker refused.")],
    topic: Annotated[str | None, typer.Option(help="Only in this topic.")] = None,
    service: ServiceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Send a refused key's messages again, once what the broker minded is put right."""
    body = {"key": key, "topic": topic}
    released = [
        {"service": name, **answer}
        for name, url in urls_of(service).items()
        if (answer := post(f"{url}/ops/outbox/retry", body)) is not None
    ]
    if not released:
        raise fail(f"No service has a refused key {key}")
    if as_json:
        typer.echo(json.dumps({"retried": released}))
    else:
        show_table("The relay tries again", ("service", "released"), released)
