"""Kafka's jars: a locked list, fetched once into the Maven repository of the user."""

import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from jgo.config import GlobalSettings
from jgo.constants import MAVEN_CENTRAL_URL
from jgo.maven import MavenContext
from requests import RequestException

from dualbus_cli.embedded.errors import EmbeddedServerUnavailable
from dualbus_cli.embedded.locking import exclusive

_LOCK: Final = Path(__file__).with_name("kafka_jars.lock")
_DOWNLOADS_AT_ONCE: Final = 8


@dataclass(frozen=True, slots=True)
class Jar:
    """One line of kafka_jars.lock: `group:artifact:version sha256:<hex>`."""

    group: str
    artifact: str
    version: str
    sha256: str

    @classmethod
    def parse(cls, line: str) -> "Jar":
        coordinate, digest = line.split()
        group, artifact, version = coordinate.split(":")
        return cls(group, artifact, version, digest.removeprefix("sha256:"))


def locked_jars() -> list[Jar]:
    lines = _LOCK.read_text().splitlines()
    return [Jar.parse(line) for line in lines if line and not line.startswith("#")]


def kafka_classpath(*, progress: Callable[[int, int], None] | None = None) -> list[Path]:
    """Paths of all jars, missing ones downloaded first; `progress` is told (done, all).

    Repositories and the cache's place come from jgo's settings, as for every jgo program.
    Raises EmbeddedServerUnavailable when a missing jar can't be fetched or is not the locked one.
    """
    settings = GlobalSettings.load()
    repositories = {**settings.repositories, "central": MAVEN_CENTRAL_URL}
    maven = MavenContext(repo_cache=settings.repo_cache, remote_repos=repositories, timeout=30)
    jars = locked_jars()
    present = {jar: found for jar in jars if (found := _cached(maven, jar))}
    if len(present) < len(jars):
        with exclusive(settings.repo_cache / ".dualbus-kafka.lock"):
            present = _fetch(maven, jars, progress=progress or (lambda _done, _all: None))
    return [present[jar] for jar in jars]


def _cached(maven: MavenContext, jar: Jar) -> Path | None:
    path = maven.project(jar.group, jar.artifact).at_version(jar.version).artifact().cached_path
    return path if path is not None and path.exists() and _digest(path) == jar.sha256 else None


def _fetch(
    maven: MavenContext, jars: list[Jar], *, progress: Callable[[int, int], None]
) -> dict[Jar, Path]:
    present: dict[Jar, Path] = {}
    with ThreadPoolExecutor(_DOWNLOADS_AT_ONCE) as pool:
        for jar, path in zip(jars, pool.map(lambda jar: _download(maven, jar), jars), strict=True):
            present[jar] = path
            progress(len(present), len(jars))
    return present


def _download(maven: MavenContext, jar: Jar) -> Path:
    if found := _cached(maven, jar):
        return found
    artifact = maven.project(jar.group, jar.artifact).at_version(jar.version).artifact()
    if artifact.cached_path is not None:
        # A broken download of before: jgo writes in place and trusts what it finds.
        artifact.cached_path.unlink(missing_ok=True)
    try:
        path = Path(artifact.resolve())
    except (RequestException, RuntimeError, OSError) as error:
        raise _unreachable(jar, f"could not be downloaded ({type(error).__name__})") from error
    if _digest(path) != jar.sha256:
        path.unlink()
        raise _unreachable(jar, "was downloaded but differs from the locked one")
    return path


def _unreachable(jar: Jar, what: str) -> EmbeddedServerUnavailable:
    return EmbeddedServerUnavailable(
        f"Kafka's jar {jar.artifact}-{jar.version} {what}. Two ways out: let this machine reach a"
        " Maven repository once (jgo's settings name it), or set KAFKA_BOOTSTRAP_SERVERS to a Kafka"
        " of your own (and DATABASE_URL, if PostgreSQL should be yours too)."
    )


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
