"""Real PostgreSQL and Kafka: one pair per test run, started when first asked for by any worker."""

import os
import shutil
from functools import cache
from pathlib import Path
from typing import Final

from dualbus_cli.embedded import EmbeddedServers, Servers
from dualbus_cli.embedded.daemon import Daemon
from dualbus_cli.embedded.locking import exclusive
from dualbus_cli.embedded.state import write_private

_ROOT: Final = Path(__file__).resolve().parent.parent / ".local" / "test"
# Servers that stay up between sessions, for whoever runs single tests again and again.
_KEPT: Final = os.environ.get("DUALBUS_TEST_SERVERS_KEEP") == "1"
# The process that owns the run's servers; pytest-xdist's workers inherit it.
_OWNER: Final = "DUALBUS_TEST_RUN"


def shared_servers() -> Servers:
    """Both servers of this session, started at once."""
    with exclusive(_session_directory() / "start.lock"):
        return _servers().start()


def shared_postgres() -> str:
    """The superuser's DSN; PostgreSQL alone is up in under a second."""
    with exclusive(_session_directory() / "start.lock"):
        return _servers().start_postgres()


def shared_kafka() -> str:
    with exclusive(_session_directory() / "start.lock"):
        return _servers().start_kafka()


def own_shared_servers() -> None:
    """This process starts a run: what it and its workers use is stopped when it ends."""
    os.environ[_OWNER] = str(os.getpid())
    remove_abandoned_servers()


def stop_shared_servers() -> None:
    """End of the run: servers of other runs, and kept ones, are left alone."""
    directory = _session_directory()
    if not _KEPT and directory.exists():
        _remove(directory)


@cache
def _servers() -> EmbeddedServers:
    return EmbeddedServers(_session_directory(), usual_ports=False, durable=False)


@cache
def _session_directory() -> Path:
    if _KEPT:
        return _ROOT / "kept"
    owner = int(os.environ[_OWNER])
    directory = _ROOT / str(owner)
    directory.mkdir(parents=True, exist_ok=True)
    # Written in one step: another run that reads half of it would take this one for dead.
    write_private(directory / "session", str(Daemon.of(owner).started))
    return directory


def _remove(directory: Path) -> None:
    EmbeddedServers(directory, usual_ports=False).stop()
    shutil.rmtree(directory)


def remove_abandoned_servers() -> None:
    """Servers of sessions that were killed before they could stop them."""
    with exclusive(_ROOT / "abandoned.lock"):
        for marker in _ROOT.glob("*/session"):
            owner = Daemon(pid=int(marker.parent.name), started=float(marker.read_text()))
            if not owner.alive():
                _remove(marker.parent)
