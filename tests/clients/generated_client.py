"""openapi-generator's Python client of an official definition, in an environment of its own."""

import asyncio
import asyncio.subprocess
import hashlib
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import orjson
from dualbus_cli.embedded.java import find_java
from dualbus_cli.embedded.locking import exclusive
from dualbus_cli.places import REPOSITORY
from dualbus_events.tmforum.definition import DEFINITIONS

_SOURCE: Final = Path(__file__).with_name("generated")
_LOCK: Final = _SOURCE / "requirements.lock"
_JAR: Final = "lib/python3*/site-packages/openapi_generator_cli/openapi-generator.jar"


@dataclass(frozen=True)
class GeneratedClient:
    """A package of generated code, and the Python that has what it needs."""

    python: Path
    code: Path

    async def run(self, program: str, *arguments: str) -> dict[str, Any]:
        """What a program of `generated/` prints, which must be JSON."""
        started = await asyncio.create_subprocess_exec(
            self.python,
            _SOURCE / program,
            *arguments,
            env={**os.environ, "PYTHONPATH": str(self.code)},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
        )
        printed, _ = await started.communicate()
        assert started.returncode == 0, printed.decode()
        found: dict[str, Any] = orjson.loads(printed)
        return found


def generate_client(api: str, package: str, to: Path) -> GeneratedClient:
    """The client of `TMF622` as the package `product_ordering`, from the published file itself."""
    environment = _environment()
    (jar,) = environment.glob(_JAR)
    _run(
        *(find_java(), "-jar", jar, "generate", "--generator-name", "python"),
        *("--input-spec", DEFINITIONS / f"{api}.json", "--output", to),
        *("--additional-properties", f"packageName={package}"),
    )
    return GeneratedClient(python=environment / "bin" / "python", code=to)


def _environment() -> Path:
    """A virtual environment with what is locked; made once per lock file."""
    digest = hashlib.sha256(_LOCK.read_bytes()).hexdigest()[:16]
    folder = REPOSITORY / ".local" / "generated-client" / digest
    with exclusive(folder.with_suffix(".lock")):
        if not (folder / "installed").exists():
            shutil.rmtree(folder, ignore_errors=True)
            _run(sys.executable, "-m", "venv", folder)
            pip = (folder / "bin" / "python", "-m", "pip", "install", "--quiet")
            _run(*pip, "--require-hashes", "-r", _LOCK)
            (folder / "installed").touch()
    return folder


def _run(*command: str | Path) -> None:
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
