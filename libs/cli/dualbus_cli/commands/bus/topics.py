"""`dualbus bus topics`: the topics, and in what they differ from the catalogue."""

import asyncio
import json

import typer

from dualbus_cli.buses.inventory import topic_states
from dualbus_cli.commands.bus.services import JsonOption
from dualbus_cli.commands.bus.tables import show_table
from dualbus_cli.stack import Stack

app = typer.Typer()


@app.command(epilog="Example: dualbus bus topics --json | jq '.topic[] | select(.trouble != \"\")'")
def topics(as_json: JsonOption = False) -> None:
    """Show the topics of both buses: owner, key, partitions, records, trouble."""
    states = asyncio.run(topic_states(Stack.load().bootstrap))
    if as_json:
        typer.echo(json.dumps({"topic": [one.to_dict() for one in states]}))
        return
    rows = [{**vars(one), "cleanup": one.config.get("cleanup.policy")} for one in states]
    columns = ("topic", "owner", "key", "partitions", "records", "cleanup", "trouble")
    show_table("Topics", columns, rows, whole=("topic",))
