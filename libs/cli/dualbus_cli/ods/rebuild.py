"""Run ods-svc's own rebuild beside it: in a process that costs the serving ones no time."""

import os
import subprocess
import sys
from collections.abc import Sequence
from typing import Final

from dualbus_cli.programs import SERVICES
from dualbus_cli.stack import Stack, StackDown

_ELSEWHERE: Final = (
    "The rebuild needs the ODS's database: run it where ods-svc runs, such as "
    "docker compose run --rm ods python -m ods_svc rebuild"
)


def run_rebuild(
    stack: Stack, arguments: Sequence[str], *, captured: bool = False
) -> "subprocess.CompletedProcess[str]":
    """`python -m ods_svc rebuild` for this system; its output is shown unless `captured`.

    Raises StackDown for a system that others run.
    """
    if stack.gateway is not None:
        raise StackDown(_ELSEWHERE)
    [program] = [one for one in SERVICES if one.name == "ods"]
    settings = {
        program.variable("DATABASE_URL"): stack.database_url("ods"),
        # Nothing is served by it; a port is a setting that every service must have.
        program.variable("PORT"): "0",
        "KAFKA_BOOTSTRAP_SERVERS": stack.bootstrap,
    }
    return subprocess.run(
        [sys.executable, "-m", program.module, "rebuild", *arguments],
        check=False,
        cwd=program.folder,
        env={**os.environ, **settings},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE if captured else None,
        text=True,
    )
