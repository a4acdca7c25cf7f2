"""newman, Postman's own runner of collections, as a child process."""

import asyncio
import asyncio.subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import orjson

from tests.node_packages import installed

_SOURCE: Final = Path(__file__).with_name("newman")


@dataclass(frozen=True)
class NewmanReport:
    """What newman says of one collection."""

    requests: int
    assertions: int
    failures: list[str]
    """`productOrder, POST productOrder: has state: expected …`"""


def install_newman() -> Path:
    """newman's folder; once per lock file, as long as the network takes."""
    return installed(_SOURCE)


async def run_newman(newman: Path, collection: dict[str, Any], folder: Path) -> NewmanReport:
    """Run a collection; `folder` is for its files."""
    name = collection["info"]["name"]
    file, report = folder / f"{name}.postman_collection.json", folder / f"{name}.report.json"
    file.write_bytes(orjson.dumps(collection))
    program = await asyncio.create_subprocess_exec(
        *("node", "node_modules/newman/bin/newman.js", "run", file),
        *("--reporters", "json", "--reporter-json-export", report),
        cwd=newman,
        stdin=asyncio.subprocess.DEVNULL,
    )
    try:
        await program.wait()
    finally:
        if program.returncode is None:
            program.kill()
            await program.wait()
    return _report(orjson.loads(report.read_bytes())["run"])


def _report(run: dict[str, Any]) -> NewmanReport:
    return NewmanReport(
        requests=run["stats"]["requests"]["total"],
        assertions=run["stats"]["assertions"]["total"],
        failures=[_failure(one) for one in run["failures"]],
    )


def _failure(one: dict[str, Any]) -> str:
    where = f"{one['parent'].get('name')}, {one['source'].get('name')}"
    return f"{where}: {one['error'].get('test')}: {one['error'].get('message')}"
