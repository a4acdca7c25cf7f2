"""`dualbus bus replay`: hand part of a topic to one consumer once more."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated, Any

import httpx
import typer

from dualbus_cli.commands.bus.services import (
    JsonOption,
    YesOption,
    confirm,
    fail,
    operator_headers,
    refusal,
    url_of_group,
)
from dualbus_cli.commands.bus.tables import show_table

app = typer.Typer()


@app.command(
    epilog="Example: dualbus bus replay --consumer billing-svc.task --topic task.billing.v1 "
    "--from 2026-11-30T09:00:00 --to 2026-11-30T10:00:00 --dry-run"
)
def replay(
    *,
    consumer: Annotated[str, typer.Option(help="The consumer's group: see dualbus bus lag.")],
    topic: Annotated[str, typer.Option(help="A topic that it reads.")],
    from_: Annotated[datetime, typer.Option("--from", help="Produced since (UTC).")],
    to: Annotated[
        datetime | None, typer.Option(help="Produced before (UTC).", show_default="now")
    ] = None,
    customer: Annotated[str | None, typer.Option(help="Only this customer's.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only list them.")] = False,
    yes: YesOption = False,
    as_json: JsonOption = False,
) -> None:
    """Handle messages again that a consumer has handled: it forgets that it did.

    What its handlers do a second time is up to them: see docs/operations.md first.
    """
    end_of_range = to.replace(tzinfo=UTC) if to else datetime.now(UTC)
    if not dry_run:
        confirm(f"Have {consumer} handle {topic} from {from_} to {end_of_range} again?", yes=yes)
    body = {
        "consumer": consumer,
        "topic": topic,
        "from": from_.replace(tzinfo=UTC).isoformat(),
        "to": end_of_range.isoformat(),
        "customer": customer,
        "dryRun": dry_run,
    }
    messages, end = [], {}
    for line in _lines(url_of_group(consumer), body):
        if "message" in line:
            messages.append(line["message"])
        end = line
    _show(messages, end, dry_run=dry_run, as_json=as_json)


def _lines(url: str, body: dict[str, Any]) -> Iterator[dict[str, Any]]:
    timeout = httpx.Timeout(10, read=None)
    with httpx.stream(
        "POST", f"{url}/ops/replay", json=body, headers=operator_headers(), timeout=timeout
    ) as answer:
        if answer.is_error:
            answer.read()
            raise fail(refusal(answer))
        for line in answer.iter_lines():
            yield json.loads(line)


def _show(
    messages: list[dict[str, Any]], end: dict[str, Any], *, dry_run: bool, as_json: bool
) -> None:
    if as_json:
        typer.echo(json.dumps({**end, "message": messages} if dry_run else end))
    elif dry_run:
        columns = ("time", "position", "type", "key", "customerid", "correlationid")
        show_table("Would be handled again", columns, messages, whole=("position", "key"))
    if "done" not in end:
        raise fail(
            f"Stopped after {end.get('messages', 0)}: {end.get('error', 'the answer broke off')}"
        )
    if not as_json:
        typer.echo(f"{end['messages']:,} messages{' would be' if dry_run else ''} handled again")
