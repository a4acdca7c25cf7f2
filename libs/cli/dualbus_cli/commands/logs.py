"""`dualbus logs`: what the processes and servers wrote."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from dualbus_cli.places import Places

app = typer.Typer()


@app.command(epilog="Examples: dualbus logs order · dualbus logs -f · dualbus logs kafka -n 200")
def logs(
    service: Annotated[
        str | None, typer.Argument(help="A service, an outside program, kafka or postgres.")
    ] = None,
    lines: Annotated[int, typer.Option("-n", "--lines", min=0, help="Last lines of each.")] = 20,
    follow: Annotated[bool, typer.Option("-f", "--follow", help="Go on until Ctrl-C.")] = False,
) -> None:
    """Show the last lines of one log, or of all."""
    files = _files(Places.default(), service)
    if not files:
        typer.echo(f"There is no log of {service}." if service else "There are no logs.", err=True)
        raise typer.Exit(1)
    ends = {}
    for file in files:
        text = file.read_bytes()
        ends[file] = len(text)
        _show(file, text.splitlines()[-lines:] if lines else [], prefix=len(files) > 1)
    try:
        while follow:
            time.sleep(0.3)
            for file in files:
                _show(file, _new_lines(file, ends), prefix=len(files) > 1)
    except KeyboardInterrupt:
        return


def _files(places: Places, service: str | None) -> list[Path]:
    every = [*sorted(places.servers.glob("*/*.log")), *sorted(places.logs.glob("*.log"))]
    if service is None:
        return [file for file in every if not file.stem.endswith(".migrate")]
    # The second process of order logs as order-2.
    return [f for f in every if f.stem.partition("-")[0] == service or f.stem == service]


def _new_lines(file: Path, ends: dict[Path, int]) -> Iterator[bytes]:
    with file.open("rb") as log:
        log.seek(ends[file])
        for line in log:
            if not line.endswith(b"\n"):
                break
            ends[file] += len(line)
            yield line.rstrip(b"\n")


def _show(file: Path, lines: Iterator[bytes] | list[bytes], *, prefix: bool) -> None:
    for line in lines:
        text = line.decode(errors="replace")
        typer.echo(f"{file.stem:<16} | {text}" if prefix else text)
