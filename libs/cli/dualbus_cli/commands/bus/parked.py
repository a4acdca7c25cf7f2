"""`dualbus bus parked`: keys whose messages can't be handled, in all services."""

import json
from pathlib import Path
from typing import Annotated, Any

import click
import typer

from dualbus_cli.commands.bus.services import (
    JsonOption,
    ServiceOption,
    YesOption,
    confirm,
    fail,
    get,
    post,
    urls_of,
)
from dualbus_cli.commands.bus.tables import show_table

app = typer.Typer(help="Keys whose messages can't be handled.", no_args_is_help=True)

_TopicOption = Annotated[str | None, typer.Option("--topic", help="Only keys of this topic.")]
_EVENT_HELP = "The event's id, or its place: topic/partition/offset."


@app.command("list", epilog="Example: dualbus bus parked list --json | jq '.parked[].key'")
def list_parked(service: ServiceOption = None, as_json: JsonOption = False) -> None:
    """Show every parked key, with its reason and the number of messages that wait."""
    found = [
        {"service": name, **one}
        for name, url in urls_of(service).items()
        for one in get(f"{url}/ops/parked")["parked"]
    ]
    if as_json:
        typer.echo(json.dumps({"parked": found}))
        return
    columns = ("service", "topic", "key", "messages", "parkedAt", "reason")
    show_table("Parked keys", columns, found, whole=("topic", "key"))


@app.command(epilog="Examples: dualbus bus parked show 0197… · … show task.billing.v1/3/1742")
def show(
    name: Annotated[str, typer.Argument(help="A key, an event's id, or topic/partition/offset.")],
    service: ServiceOption = None,
    topic: _TopicOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show parked messages: why they are parked, their headers, their value."""
    found = _events(service, topic=topic, key=name) or _named(service, name)
    if not found:
        raise fail(f"Nothing named {name} is parked")
    if as_json:
        typer.echo(json.dumps({"event": found}))
        return
    for event in found:
        _print_event(event)


@app.command(
    epilog="Examples: dualbus bus parked retry 0197… · … retry --topic task.billing.v1 · … retry"
)
def retry(
    key: Annotated[str | None, typer.Argument(help="Only this key.")] = None,
    service: ServiceOption = None,
    topic: _TopicOption = None,
    as_json: JsonOption = False,
) -> None:
    """Handle parked messages again, in their order. Exits 1 if a key stays parked."""
    selection = {"topic": topic, "key": key}
    retried = _post("retry", service, selection)
    if not retried and any(selection.values()):
        raise fail(f"No key is parked that fits {key or topic}")
    _show_retried(retried, as_json=as_json)


@app.command(epilog="Example: dualbus bus parked skip 01a2b3c4-… --yes")
def skip(
    event: Annotated[
        str, typer.Argument(help=f"{_EVENT_HELP} A key stands for the message it stands at.")
    ],
    service: ServiceOption = None,
    topic: _TopicOption = None,
    yes: YesOption = False,
    as_json: JsonOption = False,
) -> None:
    """Drop a message for good, and handle what stood behind it. Exits 1 if a key stays parked."""
    by_key = _events(service, topic=topic, key=event)
    found = by_key or _named(service, event)
    if not found:
        raise fail(f"Nothing named {event} is parked")
    what = f"the first parked message of {event}" if by_key else f"message {event}"
    where = ", ".join(sorted({f"{one['service']} ({one['consumer']})" for one in found}))
    confirm(f"Drop {what} for good in {where}?", yes=yes)
    chosen = {"key": event, "topic": topic} if by_key else {"event": event}
    _show_retried(_post("skip", service, chosen), as_json=as_json)


@app.command(
    epilog="Examples: dualbus bus parked edit 01a2… · "
    "dualbus bus parked show 01a2… --json | jq '.event[0]' > e.json; … edit 01a2… --file e.json"
)
def edit(
    event: Annotated[str, typer.Argument(help=_EVENT_HELP)],
    file: Annotated[
        Path | None,
        typer.Option(
            help="JSON with `value` and, if they change too, `headers`; else $EDITOR opens.",
            exists=True,
            dir_okay=False,
            allow_dash=True,
        ),
    ] = None,
    service: ServiceOption = None,
    yes: YesOption = False,
    as_json: JsonOption = False,
) -> None:
    """Change what a parked message says. Its key stays parked: retry it afterwards."""
    found = _named(service, event)
    if not found:
        raise fail(f"Nothing named {event} is parked")
    before = {"headers": found[0]["headers"], "value": found[0]["value"]}
    after = _read_edited(file) if file else _edit_by_hand(before)
    places = ", ".join(sorted({one["service"] for one in found}))
    confirm(f"Replace message {event} in {places}?", yes=yes)
    body = {"event": event, "headers": after.get("headers"), "value": after["value"]}
    edited = [
        {"service": name, "position": position}
        for name, url in urls_of(service).items()
        for position in (post(f"{url}/ops/parked/edit", body) or {"edited": []})["edited"]
    ]
    if as_json:
        typer.echo(json.dumps({"edited": edited}))
        return
    show_table("Edited", ("service", "position"), edited)
    typer.echo(f"Now: dualbus bus parked retry {found[0]['key']}")


@app.command(epilog="Example: dualbus bus parked export --topic task.billing.v1 > parked.ndjson")
def export(service: ServiceOption = None, topic: _TopicOption = None) -> None:
    """Write every parked message to standard output, one JSON object a line."""
    for event in _events(service, topic=topic):
        typer.echo(json.dumps(event))


def _events(service: str | None, **query: Any) -> list[dict[str, Any]]:
    return [
        {"service": name, **event}
        for name, url in urls_of(service).items()
        for event in get(f"{url}/ops/parked/event", limit=10_000, **query)["event"]
    ]


def _named(service: str | None, name: str) -> list[dict[str, Any]]:
    return _events(service, event=name)


def _post(action: str, service: str | None, body: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {"service": name, **one}
        for name, url in urls_of(service).items()
        for one in (post(f"{url}/ops/parked/{action}", body) or {"retried": []})["retried"]
    ]


def _show_retried(retried: list[dict[str, Any]], *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps({"retried": retried}))
    else:
        columns = ("service", "topic", "key", "free", "handled", "reason")
        show_table("Retried keys", columns, retried, whole=("topic", "key"))
    if not all(one["free"] for one in retried):
        raise typer.Exit(1)


def _print_event(event: dict[str, Any]) -> None:
    typer.secho(f"{event['position']}  {event['eventType']}", bold=True)
    for name in ("eventId", "service", "consumer", "key", "parkedAt"):
        typer.echo(f"  {name:10} {event[name]}")
    typer.echo(f"  {'error':10} {event['errorClass']}: {event['error']}")
    for name, value in event["headers"].items():
        typer.echo(f"  {name}: {value}")
    typer.echo(json.dumps(event["value"], indent=2, ensure_ascii=False))


def _read_edited(file: Path) -> dict[str, Any]:
    with click.open_file(str(file)) as opened:
        return _checked(opened.read())


def _edit_by_hand(before: dict[str, Any]) -> dict[str, Any]:
    text = click.edit(json.dumps(before, indent=2, ensure_ascii=False), extension=".json")
    if text is None:
        raise fail("Nothing was changed")
    return _checked(text)


def _checked(text: str) -> dict[str, Any]:
    try:
        edited = json.loads(text)
    except ValueError as error:
        raise fail(f"That is not JSON: {error}") from error
    if not isinstance(edited, dict) or "value" not in edited:
        raise fail("An edited message is a JSON object with `value`, and `headers` if they change")
    return edited
