"""The `dualbus` command: everything a person does with the system from a shell."""

import importlib
import sys
from collections.abc import Mapping
from typing import Final

import typer
from rich.console import Console

from dualbus_cli.bench.errors import BenchFailed
from dualbus_cli.embedded.errors import EmbeddedServerUnavailable, ServerUnreachable
from dualbus_cli.migration import MigrationFailed
from dualbus_cli.processes import ProcessFailed
from dualbus_cli.stack import StackDown

# Modules of `commands/`, each with a typer `app`: a group of this name on the command line, or the
# commands that it puts at the top. Only the one that was asked for is imported: all of them take
# a second, and tests and scripts run the command often. A new sub-command is one line here.
GROUPS: Final = ("catalogue", "bus", "bill", "process", "hub", "ods")
TOP: Final[Mapping[str, tuple[str, ...]]] = {
    "running": ("start", "stop", "restart", "status", "reset"),
    "logs": ("logs",),
    "fetch": ("fetch",),
    "init": ("init",),
    "demo": ("demo",),
    "bench": ("bench",),
}
_EXPECTED: Final = (
    BenchFailed,
    EmbeddedServerUnavailable,
    MigrationFailed,
    ProcessFailed,
    ServerUnreachable,
    StackDown,
)


def command_line(asked: str | None = None) -> typer.Typer:
    """The command with all its sub-commands, or with the one that is asked for alone."""
    app = typer.Typer(
        name="dualbus",
        help="Run and operate Dualbus: the OSS/BSS of a telecom operator on two buses.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        add_completion=False,
    )
    # With a single sub-command typer would leave out its name.
    app.callback()(lambda: None)
    known = {word for words in TOP.values() for word in words} | set(GROUPS)
    everything = asked not in known
    for module, words in TOP.items():
        if everything or asked in words:
            app.add_typer(_app_of(module))
    for group in GROUPS:
        if everything or asked == group:
            app.add_typer(_app_of(group), name=group)
    return app


def _app_of(module: str) -> typer.Typer:
    app: typer.Typer = importlib.import_module(f"dualbus_cli.commands.{module}").app
    return app


def main() -> None:
    """Run the command; what was to be expected ends in one message instead of a traceback."""
    try:
        command_line(next(iter(sys.argv[1:]), None))()
    except BaseExceptionGroup as group:
        expected, rest = group.split(_EXPECTED)
        if expected is None or rest is not None:
            raise
        _fail(expected)
    except _EXPECTED as error:
        _fail(error)


def _fail(error: BaseException) -> None:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    Console(stderr=True).print(str(error), style="red", markup=False, highlight=False)
    sys.exit(1)


if __name__ == "__main__":
    main()
