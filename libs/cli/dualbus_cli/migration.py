"""Bring every service's database to its newest schema, all at once."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from dualbus_cli.places import REPOSITORY
from dualbus_cli.programs import Program

_BUS_MIGRATIONS: Final = REPOSITORY / "libs" / "events" / "dualbus_events" / "migrations"


class MigrationFailed(RuntimeError):
    """A service's migrations did not run; the message ends with what they printed."""


def schema_version(program: Program) -> str:
    """A digest of the migrations that make up the service's schema, the bus's among them."""
    digest = hashlib.sha256()
    for folder in (_BUS_MIGRATIONS, program.migrations, program.folder / program.module):
        for file in sorted(folder.rglob("versions/*.py")):
            digest.update(file.name.encode() + file.read_bytes())
    return digest.hexdigest()[:16]


def migrate(program: Program, settings: Mapping[str, str], *, log: Path) -> None:
    """Run `python -m <module> migrate`, its output in `log`. Raises MigrationFailed."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        done = subprocess.run(
            [sys.executable, "-m", program.module, "migrate"],
            check=False,
            cwd=program.folder,
            env={**os.environ, **settings},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    if done.returncode != 0:
        tail = "\n".join(log.read_text(errors="replace").splitlines()[-15:])
        raise MigrationFailed(f"The migrations of {program.name} failed:\n{tail}")
