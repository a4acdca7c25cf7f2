"""What each service says it sends and receives: its AsyncAPI document, asked of its own code."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import orjson

from dualbus_cli.processes import ProcessFailed
from dualbus_cli.programs import SERVICES, Program


def service_documents() -> dict[str, dict[str, Any]]:
    """The documents by service, from `python -m <service> asyncapi`. Raises ProcessFailed."""
    with ThreadPoolExecutor() as pool:
        documents = pool.map(_document, SERVICES)
    return {program.name: document for program, document in zip(SERVICES, documents, strict=True)}


def _document(program: Program) -> dict[str, Any]:
    asked = subprocess.run(
        [sys.executable, "-m", program.module, "asyncapi"],
        check=False,
        cwd=program.folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
    )
    if asked.returncode != 0:
        raise ProcessFailed(f"{program.name} can't be described:\n{asked.stderr.decode()[-2000:]}")
    document: dict[str, Any] = orjson.loads(asked.stdout)
    return document
