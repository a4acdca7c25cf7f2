"""The `dualbus` command: everything a person does with the system from a shell."""

import importlib
import sys
from typing import Final

import typer
from rich.console import Console

from dualbus_cli.bench.errors import BenchFailed
from dualbus_cli.embedded.errors import EmbeddedServerUnavailable, ServerUnreachable
from dualbus_cli.migration import MigrationFailed
from dualbus_cli.processes import ProcessFailed
from dualbus_cli.stack import StackDown

# Modules of `commands/`, each with a typer `app`, by the name of its group on the command line;
# those without a name put their commands at the top. A new sub-command is one line here.
COMMANDS: Final[dict[str, str | None]] = {
    "running": None,
    "logs": None,
    "fetch": None,
    "init": None,
    "catalogue": "catalogue",
    "demo": None,
    "bus": "bus",
    "bill": "bill",
    "process": "process",
    "hub": "hub",
    "bench": None,
}
_EXPECTED: Final = (
    BenchFailed,
    EmbeddedServerUnavailable,
    MigrationFailed,
    ProcessFailed,
    ServerUnreachable,
    StackDown,
)

app = typer.Typer(
    name="dualbus",
    help="Run and operate Dualbus: the OSS/BSS of a telecom operator on two buses.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
for _module, _group in COMMANDS.items():
    app.add_typer(importlib.import_module(f"dualbus_cli.commands.{_module}").app, name=_group)


def main() -> None:
    """Run the command; what was to be expected ends in one message instead of a traceback."""
    try:
        app()
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
