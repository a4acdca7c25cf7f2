"""`dualbus bus lag`: who is behind, and who is not there."""

import asyncio
import json
from typing import Annotated

import typer

from dualbus_cli.buses.lag import GroupLag, group_lags
from dualbus_cli.commands.bus.services import JsonOption
from dualbus_cli.commands.bus.tables import show_table
from dualbus_cli.stack import Stack

app = typer.Typer()


@app.command(epilog="Examples: dualbus bus lag · … lag billing-svc.task · … lag --json")
def lag(
    group: Annotated[
        str | None, typer.Argument(help="Only this group, with its partitions.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Show consumer groups: messages not yet handled, age of the oldest, members."""
    groups = asyncio.run(group_lags(Stack.load().bootstrap))
    chosen = [one for one in groups if group in (None, one.group)]
    if as_json:
        typer.echo(json.dumps({"group": [one.to_dict() for one in chosen]}))
        return
    columns = ("group", "members", "messages", "seconds", "trouble")
    show_table("Consumer groups", columns, [_row(one) for one in chosen], whole=("group",))
    if group is None:
        return
    for one in chosen:
        partitions = one.to_dict()["partition"]
        detailed = ("topic", "partition", "committed", "end", "messages", "seconds")
        show_table(one.group, detailed, partitions, whole=("topic",))


def _row(group: GroupLag) -> dict[str, object]:
    return {
        "group": group.group,
        "members": group.members,
        "messages": group.messages,
        "seconds": group.seconds,
        "trouble": "" if group.members else "no member: nobody reads",
    }
