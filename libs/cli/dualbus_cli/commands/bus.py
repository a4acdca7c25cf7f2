"""`dualbus bus parked`: keys whose messages can't be handled, in all services."""

import json
from typing import Annotated, Any

import httpx
import typer
from rich.console import Console
from rich.table import Table

from dualbus_cli.commands import bus_schema
from dualbus_cli.programs import SERVICES
from dualbus_cli.stack import Stack, StackDown

app = typer.Typer(help="The buses.", no_args_is_help=True)
parked = typer.Typer(help="Keys whose messages can't be handled.", no_args_is_help=True)
app.add_typer(parked, name="parked")
app.add_typer(bus_schema.app, name="schema")

_SERVICE_NAMES = ", ".join(program.name for program in SERVICES)
_Service = Annotated[
    str | None, typer.Option("--service", help=f"Only this one of {_SERVICE_NAMES}.")
]
_Topic = Annotated[str | None, typer.Option("--topic", help="Only keys of this topic.")]
_Key = Annotated[str | None, typer.Option("--key", help="Only this key.")]
_Json = Annotated[bool, typer.Option("--json", help="One JSON object.")]


@parked.command("list", epilog="Example: dualbus bus parked list --json | jq '.parked[].key'")
def list_parked(service: _Service = None, as_json: _Json = False) -> None:
    """Show every parked key, with its reason and the number of messages that wait."""
    found = [
        {"service": name, **one}
        for name, url in _urls(service).items()
        for one in _json_of(httpx.get(f"{url}/ops/parked", timeout=20))["parked"]
    ]
    if as_json:
        typer.echo(json.dumps({"parked": found}))
        return
    _table("Parked keys", ("service", "topic", "key", "messages", "parkedAt", "reason"), found)


@parked.command("retry", epilog="Examples: dualbus bus parked retry · … --topic task.billing.v1")
def retry(
    service: _Service = None, topic: _Topic = None, key: _Key = None, as_json: _Json = False
) -> None:
    """Handle parked messages again, in their order. Exits 1 if a key stays parked."""
    _post("retry", service, {"topic": topic, "key": key}, as_json=as_json)


@parked.command("skip", epilog="Example: dualbus bus parked skip 01a2… --topic task.billing.v1")
def skip(key: str, service: _Service = None, topic: _Topic = None, as_json: _Json = False) -> None:
    """Drop the message a key stands at, for good, and handle what stood behind it."""
    _post("skip", service, {"topic": topic, "key": key}, as_json=as_json)


def _post(action: str, service: str | None, selection: dict[str, Any], *, as_json: bool) -> None:
    retried: list[dict[str, Any]] = []
    for name, url in _urls(service).items():
        answer = httpx.post(f"{url}/ops/parked/{action}", json=selection, timeout=120)
        if answer.status_code != 404:
            retried += [{"service": name, **one} for one in _json_of(answer)["retried"]]
    if as_json:
        typer.echo(json.dumps({"retried": retried}))
    else:
        _table("Retried keys", ("service", "topic", "key", "free", "handled", "reason"), retried)
    if not all(one["free"] for one in retried):
        raise typer.Exit(1)


def _urls(service: str | None) -> dict[str, str]:
    names = [program.name for program in SERVICES if service in (None, program.name)]
    if not names:
        raise typer.BadParameter(f"{service!r} is none of {_SERVICE_NAMES}")
    stack, urls = Stack.load(), {}
    for name in names:
        try:
            urls[name] = stack.url(name)
        except StackDown:
            if service is not None:
                raise
    return urls


def _json_of(answer: httpx.Response) -> dict[str, Any]:
    answer.raise_for_status()
    body: dict[str, Any] = answer.json()
    return body


def _table(title: str, columns: tuple[str, ...], rows: list[dict[str, Any]]) -> None:
    table = Table(*columns, title=title)
    for row in rows:
        table.add_row(*(str(row.get(column, "")) for column in columns))
    Console().print(table)
