"""PgBouncer in transaction mode before one PostgreSQL: each transaction has another session."""

import os
import shutil
import signal
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit, urlunsplit

from dualbus_cli.embedded.account import Account, postgres_account
from dualbus_cli.embedded.daemon import Daemon
from dualbus_cli.embedded.ports import HOST, free_port

_PROGRAM: Final = shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin")
PGBOUNCER: Final = Path(_PROGRAM) if _PROGRAM else None
SESSIONS: Final = 8
"""Fewer than its clients have connections."""

# What the library asks for at the start of a session: PgBouncer knows no such parameters. Said
# of the database, they hold for every session whoever opens it.
SESSION_SETTINGS: Final = {
    "idle_in_transaction_session_timeout": "15s",
    "tcp_keepalives_idle": "10",
    "tcp_user_timeout": "15000",
    "client_connection_check_interval": "5s",
    "jit": "off",
}


class PgBouncer:
    """One process. `dsn` is the database's address through it, as the library takes it."""

    def __init__(self, program: Path, directory: Path, server_dsn: str) -> None:
        server = urlsplit(server_dsn)
        self._program = program
        self._directory = directory
        self._daemon: Daemon | None = None
        port = free_port()
        login = f"user={server.username} password={unquote(server.password or '')}"
        self._configuration = f"""
[databases]
* = host={server.hostname} port={server.port} {login}
[pgbouncer]
listen_addr = {HOST}
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = {SESSIONS}
max_client_conn = 200
server_login_retry = 1
ignore_startup_parameters = {",".join(SESSION_SETTINGS)}
"""
        self.dsn = urlunsplit(
            server._replace(
                netloc=f"{server.username}@{HOST}:{port}", query="statement_cache_size=0"
            )
        )

    def start(self) -> None:
        configuration = self._directory / "pgbouncer.ini"
        configuration.write_text(self._configuration)
        account = self._account()
        if account.uid is not None:
            os.chown(configuration, account.uid, -1)
        configuration.chmod(0o600)
        self._daemon = Daemon.spawn(
            [str(self._program), str(configuration)],
            log=self._directory / "pgbouncer.log",
            account=account,
        )

    def stop(self, *, how: signal.Signals = signal.SIGTERM) -> None:
        if self._daemon is not None:
            self._daemon.stop(how=how)

    def _account(self) -> Account:
        """It refuses to be root, as PostgreSQL does."""
        return postgres_account(binary=self._program, directory=self._directory)
