"""`dualbus bus trace`: what became of an order, message by message."""

import asyncio
import json
from typing import Annotated, Any

import httpx
import typer

from dualbus_cli.buses.chain import Link, causal_chain, elapsed_ms
from dualbus_cli.commands.bus.services import JsonOption, fail, get, urls_of
from dualbus_cli.commands.bus.tables import show_table
from dualbus_cli.stack import Stack

app = typer.Typer()


@app.command(
    epilog="Examples: dualbus bus trace 0197… · dualbus bus trace PO-4711 --since-hours 48"
)
def trace(
    business_key: Annotated[
        str,
        typer.Argument(
            help="An order's id, any resource's id, a correlation id, or text that a message has."
        ),
    ],
    since_hours: Annotated[
        float | None,
        typer.Option(
            help="How far back to look.", show_default="the id's own time, else 24", min=0
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Show every message that a business key led to, over both buses, with times."""
    chain = asyncio.run(causal_chain(Stack.load().bootstrap, business_key, since_hours=since_hours))
    if not chain:
        raise fail(f"No message has to do with {business_key}")
    parked = _parked({link.event_id for link in chain})
    if as_json:
        links = [{**link.to_dict(), "parked": link.event_id in parked} for link in chain]
        typer.echo(json.dumps({"chain": links}))
        return
    rows = [
        _row(link, elapsed, parked) for link, elapsed in zip(chain, elapsed_ms(chain), strict=True)
    ]
    columns = ("ms", "message", "says", "from", "key", "position", "parked")
    show_table(f"{business_key}, since {chain[0].time}", columns, rows, whole=("message", "key"))


def _row(link: Link, elapsed: int, parked: dict[str, str]) -> dict[str, object]:
    return {
        "ms": elapsed,
        "message": f"{'  ' * link.depth}{link.type}",
        "says": link.says,
        "from": link.source,
        "key": link.key,
        "position": link.position,
        "parked": parked.get(link.event_id, ""),
    }


def _parked(event_ids: set[str]) -> dict[str, str]:
    """At which consumers a message of the chain is parked, by event id."""
    found: dict[str, list[str]] = {}
    for name, url in urls_of(None).items():
        try:
            events: list[dict[str, Any]] = get(f"{url}/ops/parked/event", limit=10_000)["event"]
        except httpx.HTTPError:
            typer.secho(f"{name} does not answer: what is parked there is not shown", err=True)
            continue
        for event in events:
            if event["eventId"] in event_ids:
                found.setdefault(event["eventId"], []).append(event["consumer"])
    return {event_id: ", ".join(consumers) for event_id, consumers in found.items()}
