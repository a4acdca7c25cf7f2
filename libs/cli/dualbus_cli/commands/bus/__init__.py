"""`dualbus bus`: what the person on call needs to find, understand and repair trouble."""

import typer

from dualbus_cli.commands.bus import (
    audit,
    lag,
    outbox,
    parked,
    replay,
    resume,
    schema,
    topics,
    trace,
)

app = typer.Typer(help="The buses: look, understand, repair.", no_args_is_help=True)
app.add_typer(parked.app, name="parked")
app.add_typer(outbox.app, name="outbox")
app.add_typer(schema.app, name="schema")
for module in (lag, topics, trace, replay, resume, audit):
    app.add_typer(module.app)
