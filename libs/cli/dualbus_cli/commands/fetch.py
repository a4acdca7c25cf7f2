"""`dualbus fetch`: get Kafka's jars before they are needed."""

import os

import typer
from rich.console import Console
from rich.progress import Progress

from dualbus_cli.embedded.kafka_jars import kafka_classpath

app = typer.Typer()


@app.command()
def fetch() -> None:
    """Download Kafka's jars once (about 43 MB); nothing to do with KAFKA_BOOTSTRAP_SERVERS set."""
    if os.environ.get("KAFKA_BOOTSTRAP_SERVERS"):
        return
    console = Console()
    with Progress(console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task("Kafka's jars", total=None)
        jars = kafka_classpath(
            progress=lambda done, every: progress.update(task, completed=done, total=every)
        )
        progress.update(task, completed=len(jars), total=len(jars))
    console.print(f"Kafka's jars: {len(jars)} present", highlight=False)
