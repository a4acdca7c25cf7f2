"""`dualbus bus resume`: let a consumer that stopped itself take messages again."""

import json
from typing import Annotated

import typer

from dualbus_cli.commands.bus.services import (
    JsonOption,
    YesOption,
    confirm,
    fail,
    post,
    url_of_group,
)

app = typer.Typer()


@app.command(epilog="Example: dualbus bus resume billing-svc.task --yes")
def resume(
    group: Annotated[str, typer.Argument(help="A stopped consumer group: see dualbus bus lag.")],
    yes: YesOption = False,
    as_json: JsonOption = False,
) -> None:
    """Go on without waiting for a probe; what still fails is parked, until half of it fails."""
    confirm(f"Have {group} take messages again, and park those that fail?", yes=yes)
    answer = post(f"{url_of_group(group)}/ops/consumer/{group}/resume", {})
    if answer is None:
        raise fail(f"No member of {group} has stopped")
    typer.echo(json.dumps(answer) if as_json else f"{group} goes on within a second")
